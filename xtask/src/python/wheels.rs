//! The wheels that can be built here, for this system and for others.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Result;

use super::build;
use super::platform::{LINUX, Platform};
use super::tools::Tools;
use crate::missing::Missing;
use crate::report::{Report, Strictness};
use crate::setup::venv::Lacking;
use crate::setup::{self, Toolchain};
use crate::workspace::Workspace;

pub(crate) fn main(workspace: &Workspace) -> ExitCode {
    let mut report = Report::new(Strictness::from_environment());
    match Tools::install(workspace, Path::new(super::DEFAULT)) {
        Ok(tools) => run(workspace, &tools, &mut report),
        Err(Lacking { why, fix }) => report.skip(LINUX.len(), [Missing::new("wheels", why, fix)]),
    }
    report.finish()
}

fn run(workspace: &Workspace, tools: &Tools, report: &mut Report) {
    let directory = workspace.target().join("python-dist");
    // Not maturin's own `wheels`, where pip leaves what it builds. There may be no older ones.
    let _ = std::fs::remove_dir_all(&directory);
    let own = Platform::of_this_machine();
    for platform in LINUX {
        let wheel = if own == Some(platform) {
            build::wheel(workspace, tools, own, &directory)
        } else {
            match setup::toolchain_for(workspace, platform.triple) {
                Ok(toolchain) => foreign(workspace, tools, platform, &toolchain, &directory),
                Err(missing) => {
                    report.skip(1, [missing]);
                    continue;
                }
            }
        };
        match wheel {
            Ok(mut wheel) => report.check(platform.name, &mut wheel),
            Err(error) => report.judge(platform.name, || Err(error)),
        };
    }
    report.check("source distribution", &mut build::sdist(tools, &directory));
    let mut tests = tools.module(["pytest", "python/tests/packaging/test_wheels.py"]);
    report.pytest("libraries in the wheels", tests.env("COOEE_WHEELS", &directory));
    let mut check = tools.module(["twine", "check", "--strict"]);
    let files = std::fs::read_dir(&directory).into_iter().flatten().flatten();
    report.check("metadata", check.args(files.map(|file| file.path())));
}

fn foreign(
    workspace: &Workspace,
    tools: &Tools,
    platform: Platform,
    toolchain: &Toolchain,
    out: &Path,
) -> Result<Command> {
    let mut wheel = build::wheel_for(workspace, tools, platform, out)?;
    toolchain.lend_to(&mut wheel);
    Ok(wheel)
}
