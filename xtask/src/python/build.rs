//! What maturin builds.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::platform::Platform;
use super::tools::Tools;

/// The wheel for this machine: on Linux for an older C library than the machine may have.
pub(super) fn wheel(tools: &Tools, platform: Option<Platform>, out: &Path) -> Command {
    let mut build = maturin_build(tools, out);
    build.arg("--interpreter").arg(tools.python());
    if let Some(platform) = platform {
        build.args(["--zig", "--compatibility", platform.tag]);
    }
    build
}

pub(super) fn sdist(tools: &Tools, out: &Path) -> Command {
    let mut build = tools.module(["maturin", "sdist", "--out"]);
    build.arg(out);
    build
}

/// The lock file holds here. It cannot for who builds the source distribution: maturin leaves
/// members of the workspace out, and cargo has to remove what only those need.
pub(super) fn maturin_build(tools: &Tools, out: &Path) -> Command {
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
