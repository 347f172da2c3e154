//! The Python packages: builds the wheel and the source distribution, and runs their tests.

mod build;
mod platform;
mod tools;
mod unwinder;
mod wheels;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::missing::Missing;
use crate::report::{Report, Strictness};
use crate::setup::venv::Lacking;
use crate::setup::{self, Setup};
use crate::suite;
use crate::workspace::Workspace;
use platform::Platform;

/// The Python to test with, unless another is named.
pub(crate) const DEFAULT: &str = "python3";

pub(crate) use tools::Tools;
pub(crate) use wheels::{Plan, build_all as build_wheels, main as wheels};

pub(crate) fn main(workspace: &Workspace, python: &Path, arguments: &[String]) -> ExitCode {
    let mut report = Report::new(Strictness::from_environment());
    let setup = setup::run(workspace);
    let outcome = run(workspace, &setup, python, arguments, &mut report);
    let status = report.finish();
    // Who asks for these tests alone is not served by skipping them.
    if outcome == Outcome::Skipped { ExitCode::FAILURE } else { status }
}

/// Whether the tests were run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ran,
    Skipped,
}

/// Runs the tests of the wheel with this Python, or says why they cannot run.
pub(crate) fn run(
    workspace: &Workspace,
    setup: &Setup,
    base: &Path,
    arguments: &[String],
    report: &mut Report,
) -> Outcome {
    let lacking = setup::for_python(workspace);
    let tools = match Tools::install(workspace, base) {
        Ok(tools) => tools,
        Err(Lacking { why, fix }) => {
            let why = format!("the tests of the wheel cannot run; {why}");
            let summary = Missing::new("Python packages", why, fix);
            report.skip(1, lacking.into_iter().chain([summary]));
            return Outcome::Skipped;
        }
    };
    let directory = workspace.target().join("python-wheels");
    let own = Platform::of_this_machine();
    let wheel = match build::wheel(workspace, &tools, own, &directory) {
        Ok(wheel) => wheel,
        Err(error) => {
            report.judge("unwinder of the wheel", || Err(error));
            return Outcome::Ran;
        }
    };
    let built =
        [("build of the wheel", wheel), ("source distribution", build::sdist(&tools, &directory))];
    // Only what is built now is to be tested. That there is nothing older is fine.
    let _ = std::fs::remove_dir_all(&directory);
    for (name, mut command) in built {
        if !report.prepare(name, &mut command) {
            return Outcome::Ran;
        }
    }
    let files = build::only(&directory, ".whl").and_then(|wheel| {
        let sdist = build::only(&directory, ".tar.gz")?;
        Ok(Files { wheel, sdist })
    });
    match files {
        Ok(files) => test(workspace, setup, &tools, &files, arguments, report),
        Err(error) => {
            report.judge("files of the build", || Err(error));
        }
    }
    Outcome::Ran
}

/// What was built.
struct Files {
    wheel: PathBuf,
    sdist: PathBuf,
}

fn test(
    workspace: &Workspace,
    setup: &Setup,
    tools: &Tools,
    files: &Files,
    arguments: &[String],
    report: &mut Report,
) {
    let pip = ["pip", "install", "--quiet", "--disable-pip-version-check"];
    let mut install = tools.module(pip);
    install.args(["--force-reinstall", "--no-deps"]).arg(&files.wheel);
    if !report.prepare("installation of the wheel", &mut install) {
        return;
    }
    if arguments.is_empty() {
        report.tests("the wheel's command", &mut tests_of_command(workspace, tools));
    }
    let mut tests = tools.module(["pytest"]);
    tests.env("COOEE_WHEEL", &files.wheel).env("COOEE_SDIST", &files.sdist);
    // What pip compiles has its dependencies there already.
    tests.env("CARGO_TARGET_DIR", workspace.target());
    if let Some(stock) = &setup.python {
        tests.env("COOEE_STOCK_PYTHON", stock);
    }
    report.pytest("Python packages", tests.args(arguments));
}

/// The tests of cargo's command, with the one that the wheel has installed.
fn tests_of_command(workspace: &Workspace, tools: &Tools) -> Command {
    let mut tests = suite::command(workspace);
    tests.args(["--test", "cli"]).env("TESTED_COOEE", tools.program("cooee"));
    tests
}
