//! The wheels that can be built here, for this system and for others.

use std::path::Path;
use std::process::{Command, ExitCode};

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
    build_all(workspace, tools, &directory, |_| (), report);
    let mut tests = tools.module(["pytest", "python/tests/packaging/test_wheels.py"]);
    report.pytest("libraries in the wheels", tests.env("COOEE_WHEELS", &directory));
    let mut check = tools.module(["twine", "check", "--strict"]);
    let files = std::fs::read_dir(&directory).into_iter().flatten().flatten();
    report.check("metadata", check.args(files.map(|file| file.path())));
}

/// Builds all wheels for Linux and the source distribution into `directory`, each by a command that
/// `adapt` may change the environment of.
pub(crate) fn build_all(
    workspace: &Workspace,
    tools: &Tools,
    directory: &Path,
    adapt: impl Fn(&mut Command),
    report: &mut Report,
) {
    let own = Platform::of_this_machine();
    for platform in LINUX {
        let wheel = if own == Some(platform) {
            build::wheel(workspace, tools, own, directory)
        } else {
            match setup::toolchain_for(workspace, platform.triple) {
                Ok(toolchain) => {
                    build::wheel_for(workspace, tools, platform, &toolchain, directory)
                }
                Err(missing) => {
                    report.skip(1, [missing]);
                    continue;
                }
            }
        };
        match wheel {
            Ok(mut wheel) => {
                adapt(&mut wheel);
                report.check(platform.name, &mut wheel);
            }
            Err(error) => report.judge(platform.name, || Err(error)),
        }
    }
    let mut sdist = build::sdist(tools, directory);
    adapt(&mut sdist);
    report.check("source distribution", &mut sdist);
}

/// Builds the wheel for another system than Linux. The stable ABI needs no Python of it, and pyo3
/// what links on Windows with none.
pub(crate) fn build_foreign(
    tools: &Tools,
    toolchain: &Toolchain,
    triple: &str,
    out: &Path,
) -> Command {
    let mut wheel = build::maturin_build(tools, out);
    wheel.args(["--target", triple]);
    if triple.contains("windows") {
        wheel.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", setup::WINDOWS_LINKER);
    } else {
        wheel.arg("--zig");
    }
    toolchain.lend_to(&mut wheel);
    wheel
}
