//! What maturin builds.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::platform::Platform;
use super::tools::Tools;
use super::unwinder;
use crate::setup::Toolchain;
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

/// Links with the oldest C library of the platform. Ends the arguments for maturin.
fn link(
    build: &mut Command,
    workspace: &Workspace,
    tools: &Tools,
    platform: Platform,
) -> Result<()> {
    build.args(["--zig", "--compatibility", platform.tag]);
    if platform.has_glibc() {
        let unwinder = unwinder::library(tools, platform, &workspace.target().join("unwinder"))?;
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
