use std::path::Path;
use std::process::{Command, ExitCode};

use crate::report::{Report, Strictness};
use crate::workspace::Workspace;
use crate::{instructions, lab, lint, python, setup};

/// The features that are no defaults, and whose tests need nothing that the others do not.
const FEATURES: &str = "cooee/tokio";

pub(crate) fn main(workspace: &Workspace) -> ExitCode {
    let mut report = Report::new(Strictness::from_environment());
    println!("==> set-up");
    let setup = setup::run(workspace);
    lint::run(workspace, &mut report);
    report.tests("tests", &mut of_workspace(workspace));
    lab::run(workspace, &setup, &[], &mut report);
    instructions::run(workspace, &setup, &mut report);
    python::run(workspace, &setup, Path::new(python::DEFAULT), &[], &mut report);
    report.finish()
}

/// The tests of all crates, but for the lab's.
pub(crate) fn of_workspace(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo(["test", "--no-fail-fast", "--workspace"]);
    command.args(["--exclude", lab::CRATE, "--features", FEATURES]);
    command
}
