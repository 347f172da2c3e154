//! What maturin builds.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::platform::{Linked, Platform};
use super::tools::Tools;
use super::unwinder;
use crate::setup::{self, Toolchain};
use crate::workspace::Workspace;

/// The wheel for this machine: on Linux for an older C library than the machine may have.
pub(super) fn wheel(
    workspace: &Workspace,
    tools: &Tools,
    platform: Option<Platform>,
    out: &Path,
) -> Result<Command> {
    let mut build = maturin_build(tools, out);
    build.arg("--interpreter").arg(tools.python());
    if let Some(platform) = platform {
        link(&mut build, workspace, tools, platform)?;
    }
    Ok(build)
}

/// The wheel for a system that this one may not be. The stable ABI needs no Python of that system.
pub(super) fn wheel_for(
    workspace: &Workspace,
    tools: &Tools,
    platform: Platform,
    toolchain: &Toolchain,
    out: &Path,
) -> Result<Command> {
    let mut build = maturin_build(tools, out);
    build.args(["--target", platform.triple]);
    toolchain.lend_to(&mut build);
    link(&mut build, workspace, tools, platform)?;
    Ok(build)
}

/// Says what links, and against what. Ends the arguments for maturin.
fn link(
    build: &mut Command,
    workspace: &Workspace,
    tools: &Tools,
    platform: Platform,
) -> Result<()> {
    match platform.linked {
        Linked::Linux(tag) => {
            build.args(["--zig", "--compatibility", tag]);
        }
        Linked::MacOs => {
            build.arg("--zig");
            // Rustc would strip it by rust-objcopy, which Debian's has not.
            build.env("CARGO_PROFILE_WHEEL_STRIP", "none");
        }
        Linked::Windows => {
            build.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", setup::WINDOWS_LINKER);
        }
    }
    if platform.has_glibc() {
        let directory = workspace.target().join("unwinder");
        let unwinder = unwinder::library(tools, platform, &directory)?;
        // Rustc runs in the root. What it is told becomes a part of symbols' names, so it is not to
        // depend on where the root is.
        let root = workspace.shell().current_dir();
        let unwinder = unwinder.strip_prefix(&root).unwrap_or(&unwinder);
        build.arg("--").arg("-C").arg(format!("link-arg={}", unwinder.display()));
    }
    Ok(())
}

pub(super) fn sdist(tools: &Tools, out: &Path) -> Command {
    let mut build = tools.module(["maturin", "sdist", "--out"]);
    build.arg(out);
    build
}

/// The lock file holds here. It cannot for who builds the source distribution: maturin leaves
/// members of the workspace out, and cargo has to remove what only those need.
fn maturin_build(tools: &Tools, out: &Path) -> Command {
    let mut build = tools.module(["maturin", "build", "--locked", "--out"]);
    build.arg(out);
    build
}

/// The one file whose name ends so.
pub(super) fn only(directory: &Path, end: &str) -> Result<PathBuf> {
    let entries = std::fs::read_dir(directory).context("the build made no files")?;
    let files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let found: Vec<_> = files.iter().filter(|file| file.to_string_lossy().ends_with(end)).collect();
    match found[..] {
        [file] => Ok(file.clone()),
        _ => bail!("the build made {} files *{end}", found.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_has_to_be_one_file_of_a_kind() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| directory.path().join(name);
        assert!(only(directory.path(), ".whl").is_err());
        std::fs::write(path("a.whl"), "").expect("written");
        std::fs::write(path("a.tar.gz"), "").expect("written");
        assert_eq!(only(directory.path(), ".whl").expect("one"), path("a.whl"));
        std::fs::write(path("b.whl"), "").expect("written");
        assert!(only(directory.path(), ".whl").is_err());
        assert!(only(&path("nothing"), ".whl").is_err());
    }
}
