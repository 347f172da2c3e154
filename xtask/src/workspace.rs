use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;
use xshell::Shell;

/// The crates that are published, in the order in which they are: each builds on those before it.
pub(crate) const PUBLISHED: [&str; 5] =
    ["cooee-core", "cooee-udp", "cooee-mdns", "cooee", "cooee-cli"];

/// Where the workspace and its build output are, wherever the task was called from.
pub(crate) struct Workspace {
    shell: Shell,
    target: PathBuf,
}

impl Workspace {
    pub(crate) fn locate() -> Result<Self> {
        let metadata = MetadataCommand::new().no_deps().exec().context("cannot find workspace")?;
        let shell = Shell::new().context("cannot read the current directory")?;
        shell.change_dir(&metadata.workspace_root);
        Ok(Self { shell, target: metadata.target_directory.into_std_path_buf() })
    }

    /// A copy of it in the directory `root`, built in `target`.
    pub(crate) fn at(root: &Path, target: PathBuf) -> Result<Self> {
        let shell = Shell::new().context("cannot read the current directory")?;
        shell.change_dir(root);
        Ok(Self { shell, target })
    }

    /// A shell whose directory is the root of the workspace.
    pub(crate) fn shell(&self) -> &Shell {
        &self.shell
    }

    /// Where cargo builds, which `CARGO_TARGET_DIR` may have moved.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where what is for other systems is built: they have the build scripts and macros in common.
    pub(crate) fn other_systems(&self) -> PathBuf {
        self.target.join("other-systems")
    }

    /// The cargo that runs this task, in the root of the workspace.
    pub(crate) fn cargo<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(self.shell.current_dir()).args(arguments);
        command
    }
}
