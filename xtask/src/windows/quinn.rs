use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use cargo_metadata::MetadataCommand;

use crate::workspace::Workspace;

/// `quinn-udp` for wine, which does not know `IPV6_V6ONLY` of a socket for IPv4, where Windows says
/// that it is on. What people build has the crate as it is.
pub(super) struct Patched {
    source: PathBuf,
    lock_file: PathBuf,
}

impl Patched {
    const NAME: &str = "quinn-udp";
    const FILE: &str = "src/windows.rs";
    const ASKED: &str = "IPV6_V6ONLY as _)\n        }?;";
    const ASSUMED: &str = "IPV6_V6ONLY as _)\n        }.unwrap_or(1);";

    /// Into `directory`, without touching what is as it should be: cargo would build it again.
    pub(super) fn write(workspace: &Workspace, directory: &Path) -> Result<Self> {
        let root = workspace.shell().current_dir();
        let original = Self::find(&root)?;
        let version = original.file_name().context("a package is in a directory of its name")?;
        let source = directory.join(version);
        copy_new(&original, &source)?;
        let file = source.join(Self::FILE);
        let text = fs::read_to_string(original.join(Self::FILE))?;
        ensure!(text.contains(Self::ASKED), "{} has changed; see {}", file.display(), file!());
        let patched = text.replace(Self::ASKED, Self::ASSUMED);
        if fs::read_to_string(&file)? != patched {
            fs::write(&file, patched)?;
        }
        // Cargo would note the other source in the workspace's own.
        let lock_file = directory.join("Cargo.lock");
        fs::copy(root.join("Cargo.lock"), &lock_file)?;
        Ok(Self { source, lock_file })
    }

    fn find(root: &Path) -> Result<PathBuf> {
        let mut metadata = MetadataCommand::new();
        metadata.manifest_path(root.join("Cargo.toml"));
        let metadata = metadata.other_options(["--locked".to_owned()]).exec()?;
        let package = metadata.packages.iter().find(|package| *package.name == Self::NAME);
        let manifest = &package.context("the lock file has no quinn-udp")?.manifest_path;
        Ok(manifest.parent().context("a manifest is in a directory")?.into())
    }

    /// Has cargo build with it.
    pub(super) fn lend_to(&self, cargo: &mut Command) {
        // The option is nightly's.
        cargo.args(["-Z", "lockfile-path", "--config"]);
        cargo.arg(format!("resolver.lockfile-path={:?}", self.lock_file));
        cargo.arg("--config");
        cargo.arg(format!("patch.crates-io.{}.path={:?}", Self::NAME, self.source));
    }
}

/// Copies the files that are not there yet.
fn copy_new(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_new(&entry.path(), &copy)?;
        } else if !copy.exists() {
            fs::copy(entry.path(), copy)?;
        }
    }
    Ok(())
}
