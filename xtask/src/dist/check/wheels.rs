//! Wheels: installed in a new virtual environment, or at least taken by pip for their system.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::dist::release::Release;
use crate::missing::Missing;
use crate::report::Report;
use crate::setup::venv::{Lacking, Venv};
use crate::workspace::Workspace;

/// Both sides in one process, as a program would use them.
const FIND: &str = "import cooee\n\
    with cooee.Responder(service_port=8000, port=19999):\n    \
    server = cooee.discover_one(port=19999, timeout=20)\n    \
    print(server.url)\n    assert server.url.endswith(':8000/'), server";

/// For these systems, on which nothing here runs.
const OTHERS: [(&str, &str); 6] = [
    ("macosx_10_12_x86_64", "nothing here runs it"),
    ("macosx_11_0_arm64", "nothing here runs it"),
    ("manylinux_2_17_aarch64", "there is no Python for it here"),
    ("musllinux_1_2_aarch64", "there is no Python for it here"),
    ("musllinux_1_2_x86_64", "there is no Python with musl here"),
    ("win_amd64", "there is no Python for Windows here"),
];

pub(super) fn run(workspace: &Workspace, dist: &Path, scratch: &Path, report: &mut Report) {
    let venv = Venv::in_directory(scratch.join("venv"));
    let wheel = dist.join(format!(
        "cooee-{}-cp39-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        Release::VERSION
    ));
    let wheel = wheel.display().to_string();
    let pip = ["--no-index", &wheel];
    let installed = venv.install(workspace.shell(), Path::new("python3"), &pip, "", "cooee");
    if let Err(Lacking { why, fix }) = installed {
        return report.judge("installation of the wheel", || {
            anyhow::bail!("{wheel} cannot be installed: {why}; {fix}")
        });
    }
    let python = venv.python();
    let mut version = Command::new(python.with_file_name("cooee"));
    report.check("the wheel's command", version.arg("--version"));
    report.check("the wheel's server and client", Command::new(&python).args(["-c", FIND]));
    for (tag, why) in OTHERS {
        report.check(&format!("wheel for {tag}"), &mut taken(&python, dist, scratch, tag));
        report.except([Missing::new(
            format!("import of the wheel for {tag}"),
            why,
            "run it there",
        )]);
    }
}

/// Those in the directory `dist`.
pub(super) fn all(dist: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dist).with_context(|| format!("cannot list {dist:?}"))?;
    let files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    Ok(files.into_iter().filter(|file| file.extension().is_some_and(|end| end == "whl")).collect())
}

/// Has pip unpack the wheel for a system.
fn taken(python: &Path, dist: &Path, scratch: &Path, tag: &str) -> Command {
    let directory: PathBuf = scratch.join(tag);
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]);
    pip.args(["--no-deps", "--only-binary", ":all:", "--python-version", "3.12"]);
    pip.args(["--implementation", "cp", "--abi", "abi3", "--platform", tag]);
    pip.arg("--find-links").arg(dist).arg("--target").arg(directory);
    pip.arg(format!("cooee=={}", Release::VERSION));
    pip
}
