//! The tests of the crates that people use, compiled for Windows and run under wine, and a lab in
//! which Windows and Linux find each other.

mod patched;
mod skips;
mod wine;

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::bounded;
use crate::inputs::Inputs;
use crate::lab;
use crate::libtest;
use crate::missing::Missing;
use crate::report::{Report, Strictness};
use crate::setup::{self, Setup, Toolchain};
use crate::workspace::{PUBLISHED, Workspace};
use patched::Patched;
use skips::SKIPS;

pub(crate) use wine::Wine;

const TARGET: &str = "x86_64-pc-windows-gnu";

pub(crate) fn main(workspace: &Workspace, arguments: &[String]) -> ExitCode {
    let mut report = Report::new(Strictness::from_environment());
    let setup = setup::run(workspace);
    let outcome = match setup::windows(workspace, TARGET) {
        Ok(toolchain) => run(workspace, &setup, &toolchain, arguments, &mut report),
        Err(missing) => {
            report.skip(1, missing);
            Outcome::Skipped
        }
    };
    let status = report.finish();
    // Who asks for these tests alone is not served by skipping them.
    if outcome == Outcome::Skipped { ExitCode::FAILURE } else { status }
}

/// Runs them all, unless they passed before with the same inputs.
pub(crate) fn part(workspace: &Workspace, setup: &Setup, report: &mut Report) {
    let toolchain = match setup::windows(workspace, TARGET) {
        Ok(toolchain) => toolchain,
        Err(missing) => return report.skip(1, missing),
    };
    let mut wine = Command::new(setup::WINE);
    wine.arg("--version");
    let mut linker = Command::new(setup::WINDOWS_LINKER);
    linker.arg("--version");
    let sources = Inputs::of_crates(
        &workspace.shell().current_dir(),
        PUBLISHED.into_iter().chain([lab::CRATE]),
    );
    let sources = sources.output(&mut wine).output(&mut linker);
    let inputs = toolchain.versions().iter_mut().fold(sources, Inputs::output);
    report.part("Windows", &inputs, |report| {
        run(workspace, setup, &toolchain, &[], report);
    });
}

/// Whether the tests were run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Ran,
    Skipped,
}

/// Runs those of these names, or all and then the lab with Windows in it.
fn run(
    workspace: &Workspace,
    setup: &Setup,
    toolchain: &Toolchain,
    arguments: &[String],
    report: &mut Report,
) -> Outcome {
    let directory = workspace.target().join("windows");
    let mut ready = None;
    report.judge("wine", || {
        let wine = Wine::set_up(&directory)?;
        let tests = || tests(workspace, toolchain, &wine, &directory);
        ready = Some((tests()?, tests()?, wine));
        Ok(())
    });
    let Some((mut tests, mut list, wine)) = ready else { return Outcome::Skipped };
    tests.args(["--", "--exact"]);
    tests.args(SKIPS.iter().flat_map(|skip| ["--skip", skip.test]));
    if !arguments.is_empty() {
        report.chosen_tests("tests under wine", tests.args(arguments));
        return Outcome::Ran;
    }
    report.tests("tests under wine", &mut tests);
    let excepted = SKIPS.iter().map(|skip| Missing::new(skip.test, skip.why, skips::FIX));
    report.except_listed("exceptions under wine", excepted.collect(), || {
        let listed = bounded::read(list.args(["--", "--list"]), bounded::LIMIT);
        Ok(libtest::listed(&listed.context("cannot list the tests")?))
    });
    lab(workspace, setup, &wine, report);
    Outcome::Ran
}

/// Builds the tests, and runs them under wine.
fn tests(
    workspace: &Workspace,
    toolchain: &Toolchain,
    wine: &Wine,
    directory: &Path,
) -> Result<Command> {
    let patched = Patched::write(workspace, directory)?;
    let mut cargo = toolchain.cargo(workspace, "test", TARGET);
    cargo.args(["--no-fail-fast", "--all-features", "--lib", "--bins", "--tests"]);
    // The Python module's tests need a Python for Windows.
    cargo.args(PUBLISHED.iter().flat_map(|name| ["--package", name]));
    cargo.arg("--target-dir").arg(workspace.other_systems());
    cargo.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", setup::WINDOWS_LINKER);
    // Nobody debugs them, and to link them would take minutes.
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
    patched.lend_to(&mut cargo);
    wine.lend_to(&mut cargo);
    Ok(cargo)
}

/// The lab in which the command that the tests built and Cooee for Linux find each other.
fn lab(workspace: &Workspace, setup: &Setup, wine: &Wine, report: &mut Report) {
    let missing = lab::obstacles(workspace, setup);
    if !missing.is_empty() {
        return report.skip(1, missing);
    }
    if report.prepare("build of cooee", &mut lab::build(workspace)) {
        let task = ["test", "--no-fail-fast", "--test", "windows"];
        let mut tests = lab::release(workspace, setup, lab::CRATE, "wine", &task);
        let program = workspace.other_systems().join(TARGET).join("debug/cooee.exe");
        tests.env("COOEE_WINDOWS_BIN", program);
        tests.env("COOEE_WINE_PREFIX", wine.prefix());
        report.tests("lab with wine", &mut tests);
    }
}
