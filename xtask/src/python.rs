//! The Python packages: builds their wheel, installs it, and runs their tests.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::missing::Missing;
use crate::report::{Report, Strictness};
use crate::setup::venv::{Lacking, Venv};
use crate::setup::{self, Setup};
use crate::workspace::Workspace;

/// The Python to test with, unless another is named.
pub(crate) const DEFAULT: &str = "python3";

const MATURIN: &str = "maturin==1.16.0";
const REQUIREMENTS: &str = "python/tests/requirements.txt";
const IMPORTS: &str = "django, eventlet, gevent, gunicorn, maturin, mypy, pytest, uvicorn";

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
    let venv = Venv::in_directory(workspace.target().join("python-venv"));
    let python = venv.python();
    if let Err(Lacking { why, fix }) = install_tools(workspace, &venv, base) {
        let why = format!("the tests of the wheel cannot run; {why}");
        report.skip(1, [Missing::new("Python packages", why, fix)]);
        return Outcome::Skipped;
    }
    let wheels = workspace.target().join("python-wheels");
    if report.prepare("build of the wheel", &mut build(workspace, &python, &wheels)) {
        let wheel = match only_wheel(&wheels) {
            Ok(wheel) => wheel,
            Err(error) => {
                let fix = "see what the build said";
                report.skip(1, [Missing::new("wheel", format!("{error:#}"), fix)]);
                return Outcome::Skipped;
            }
        };
        if report.prepare("installation of the wheel", &mut install(workspace, &python, &wheel)) {
            let mut tests = module(workspace, &python, ["pytest"]);
            tests.env("COOEE_WHEEL", &wheel);
            if let Some(stock) = &setup.python {
                tests.env("COOEE_STOCK_PYTHON", stock);
            }
            report.pytest("Python packages", tests.args(arguments));
        }
    }
    Outcome::Ran
}

fn install_tools(workspace: &Workspace, venv: &Venv, base: &Path) -> Result<(), Lacking> {
    let shell = workspace.shell();
    let requirements = shell
        .read_file(REQUIREMENTS)
        .map_err(|error| Lacking::new(error, "run it in a checkout"))?;
    let stamp = format!("{MATURIN}\n{requirements}");
    venv.install(shell, base, &[MATURIN, "--requirement", REQUIREMENTS], &stamp, IMPORTS)
}

fn build(workspace: &Workspace, python: &Path, wheels: &Path) -> Command {
    // Only the wheel of this build is to be installed. That there is none is fine.
    let _ = std::fs::remove_dir_all(wheels);
    let mut build = module(workspace, python, ["maturin", "build", "--release", "--locked"]);
    build.arg("--interpreter").arg(python).arg("--out").arg(wheels);
    build
}

fn install(workspace: &Workspace, python: &Path, wheel: &Path) -> Command {
    let pip = ["pip", "install", "--quiet", "--disable-pip-version-check"];
    let mut install = module(workspace, python, pip);
    install.args(["--force-reinstall", "--no-deps"]).arg(wheel);
    install
}

fn only_wheel(wheels: &Path) -> Result<PathBuf> {
    let entries = std::fs::read_dir(wheels).context("the build made no wheel")?;
    let files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    match files.as_slice() {
        [wheel] => Ok(wheel.clone()),
        files => bail!("the build made {} wheels", files.len()),
    }
}

/// A module that the environment's Python runs in the root of the workspace.
fn module<A: AsRef<OsStr>>(
    workspace: &Workspace,
    python: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Command {
    let mut command = Command::new(python);
    command.current_dir(workspace.shell().current_dir()).arg("-m").args(arguments);
    command
}
