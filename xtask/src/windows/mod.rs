//! The tests of the crates that people use, compiled for Windows and run under wine.

mod quinn;
mod skips;
mod wine;

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::missing::Missing;
use crate::report::{Report, Strictness};
use crate::setup::{self, Toolchain};
use crate::workspace::Workspace;
use quinn::Patched;
use skips::SKIPS;
use wine::Wine;

const TARGET: &str = "x86_64-pc-windows-gnu";

/// Those whose tests run there; the Python module's need a Python for Windows.
const CRATES: [&str; 4] = ["cooee-core", "cooee-udp", "cooee", "cooee-cli"];

pub(crate) fn main(workspace: &Workspace, arguments: &[String]) -> ExitCode {
    let mut report = Report::new(Strictness::Lenient);
    let outcome = run(workspace, arguments, &mut report);
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

pub(crate) fn run(workspace: &Workspace, arguments: &[String], report: &mut Report) -> Outcome {
    let toolchain = match setup::windows(workspace, TARGET) {
        Ok(toolchain) => toolchain,
        Err(missing) => {
            report.skip(1, missing);
            return Outcome::Skipped;
        }
    };
    let mut tests = None;
    report.judge("wine", || {
        tests = Some(command(workspace, &toolchain)?);
        Ok(())
    });
    let Some(mut tests) = tests else { return Outcome::Skipped };
    tests.args(["--", "--exact"]);
    tests.args(SKIPS.iter().flat_map(|skip| ["--skip", skip.test]));
    if arguments.is_empty() {
        let reasons = SKIPS.iter().map(|skip| Missing::new(skip.test, skip.why, skips::FIX));
        report.skip(SKIPS.len(), reasons);
        report.tests("tests under wine", &mut tests);
    } else {
        report.chosen_tests("tests under wine", tests.args(arguments));
    }
    Outcome::Ran
}

/// Builds the tests, and runs them under wine.
fn command(workspace: &Workspace, toolchain: &Toolchain) -> Result<Command> {
    let directory = workspace.target().join("windows");
    let wine = Wine::set_up(&directory)?;
    let quinn = Patched::write(workspace, &directory)?;
    let mut cargo = toolchain.cargo(workspace, "test", TARGET);
    cargo.args(["--no-fail-fast", "--all-features", "--lib", "--bins", "--tests"]);
    cargo.args(CRATES.iter().flat_map(|name| ["--package", name]));
    cargo.arg("--target-dir").arg(&directory);
    cargo.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", setup::WINDOWS_LINKER);
    // Nobody debugs them, and to link them would take minutes.
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
    quinn.lend_to(&mut cargo);
    wine.lend_to(&mut cargo);
    Ok(cargo)
}
