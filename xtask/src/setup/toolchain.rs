//! A toolchain that can compile for another system than this one.

use std::path::{Path, PathBuf};
use std::process::Command;

use xshell::{Shell, cmd};

use super::debian;
use crate::missing::Missing;
use crate::workspace::Workspace;

/// Debian's own compiler with the standard library's sources, for machines where rustup cannot
/// fetch a target.
const PACKAGES: [&str; 3] = ["cargo-web", "rustc-web", "rust-web-src"];
/// What cargo compiles first where a toolchain has sources only.
const BUILD_STD: &str = "build-std=std,panic_abort,panic_unwind";
const DEBIANS: (&str, &str) = ("/usr/bin/cargo", "/usr/bin/rustc");

/// A pair of cargo and rustc, and the standard library that they have for one target.
#[derive(Debug)]
pub(crate) struct Toolchain {
    cargo: PathBuf,
    rustc: PathBuf,
    library: Library,
}

/// In which form a toolchain has the standard library of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Library {
    Compiled,
    Sources,
}

impl Toolchain {
    /// The one that runs this task if it knows `target`, else Debian's, which is installed where
    /// that is possible.
    pub(super) fn for_target(workspace: &Workspace, target: &str) -> Result<Self, Missing> {
        let shell = workspace.shell();
        if let Some(found) = Self::find(shell, target) {
            return Ok(found);
        }
        let fix = match debian::install(shell, &PACKAGES) {
            Ok(()) => "apt-get installed the packages, but they have no such library".to_owned(),
            Err(why) => format!(
                "run rustup target add {target}, or {} {} as root ({why})",
                debian::INSTALL,
                PACKAGES.join(" ")
            ),
        };
        Self::find(shell, target).ok_or_else(|| {
            Missing::new(
                format!("standard library for {target}"),
                "without it nothing can be compiled for that system",
                fix,
            )
        })
    }

    /// The packages that have to be installed to compile for these targets.
    pub(super) fn packages<'a>(
        shell: &Shell,
        targets: impl IntoIterator<Item = &'a str>,
    ) -> &'static [&'static str] {
        let lacks_one = targets.into_iter().any(|target| Self::find(shell, target).is_none());
        if lacks_one { &PACKAGES } else { &[] }
    }

    fn find(shell: &Shell, target: &str) -> Option<Self> {
        let variable = |name, otherwise: &str| {
            std::env::var_os(name).map_or_else(|| otherwise.into(), PathBuf::from)
        };
        let own = (variable("CARGO", "cargo"), variable("RUSTC", "rustc"));
        let debians = (PathBuf::from(DEBIANS.0), PathBuf::from(DEBIANS.1));
        [own, debians].into_iter().find_map(|(cargo, rustc)| {
            let sysroot = cmd!(shell, "{rustc} --print sysroot").quiet().ignore_stderr();
            let library = Library::in_sysroot(Path::new(&sysroot.read().ok()?), target)?;
            Some(Self { cargo, rustc, library })
        })
    }

    /// Cargo in the root of the workspace, for `target`, with warnings of our crates as errors.
    pub(crate) fn check(&self, workspace: &Workspace, target: &str) -> Command {
        let mut command = self.cargo(workspace, "check", target);
        // No flag for the compiler may deny warnings: the standard library is compiled with the
        // same flags.
        command.args(["-Zwarnings", "--config", "build.warnings=\"deny\""]);
        if self.library == Library::Sources {
            // Cargo builds the standard library also to check what uses it: most of the time.
            command.env("RUSTFLAGS", "-Zno-codegen").env("CARGO_PROFILE_DEV_DEBUG", "0");
        }
        command
    }

    /// The commands that say which versions these are.
    pub(crate) fn versions(&self) -> [Command; 2] {
        [&self.cargo, &self.rustc].map(|program| {
            let mut version = Command::new(program);
            version.arg("--version");
            version
        })
    }

    /// Cargo in the root of the workspace, for `target`.
    pub(crate) fn cargo(&self, workspace: &Workspace, verb: &str, target: &str) -> Command {
        let mut command = Command::new(&self.cargo);
        command.current_dir(workspace.shell().current_dir()).env("RUSTC", &self.rustc);
        // The options are nightly's.
        command.env("RUSTC_BOOTSTRAP", "1").args([verb, "--target", target]);
        if self.library == Library::Sources {
            command.args(["-Z", BUILD_STD]);
        }
        command
    }

    /// Has maturin build with this toolchain.
    pub(crate) fn lend_to(&self, maturin: &mut Command) {
        maturin.env("CARGO", &self.cargo).env("RUSTC", &self.rustc);
        if self.library == Library::Sources {
            // The option is nightly's.
            maturin.env("RUSTC_BOOTSTRAP", "1").args(["-Z", BUILD_STD]);
        }
    }
}

impl Library {
    fn in_sysroot(sysroot: &Path, target: &str) -> Option<Self> {
        let libraries = sysroot.join("lib/rustlib");
        if libraries.join(target).join("lib").is_dir() {
            return Some(Self::Compiled);
        }
        let sources = libraries.join("src/rust/library/std/Cargo.toml");
        sources.is_file().then_some(Self::Sources)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_compiled_library_is_preferred_to_its_sources() {
        let sysroot = tempfile::tempdir().expect("a directory");
        let libraries = sysroot.path().join("lib/rustlib");
        assert_eq!(Library::in_sysroot(sysroot.path(), "a-target"), None);

        let sources = libraries.join("src/rust/library/std");
        fs::create_dir_all(&sources).expect("made");
        assert_eq!(Library::in_sysroot(sysroot.path(), "a-target"), None);
        fs::write(sources.join("Cargo.toml"), "").expect("written");
        assert_eq!(Library::in_sysroot(sysroot.path(), "a-target"), Some(Library::Sources));

        fs::create_dir_all(libraries.join("a-target/lib")).expect("made");
        assert_eq!(Library::in_sysroot(sysroot.path(), "a-target"), Some(Library::Compiled));
        assert_eq!(Library::in_sysroot(sysroot.path(), "another"), Some(Library::Sources));
    }
}
