use std::path::Path;
use std::process::ExitCode;

use crate::report::{Report, Strictness};
use crate::workspace::Workspace;
use crate::{aarch64, instructions, lab, lint, python, setup, suite, targets, windows};

pub(crate) fn main(workspace: &Workspace) -> ExitCode {
    let mut report = Report::remembering(Strictness::from_environment(), workspace);
    println!("==> set-up");
    setup::install_all(workspace, targets::triples());
    let setup = setup::run(workspace);
    lint::run(workspace, &mut report);
    report.tests("tests", &mut suite::command(workspace));
    lab::run(workspace, &setup, &[], &mut report);
    instructions::run(workspace, &setup, &mut report);
    python::run(workspace, &setup, Path::new(python::DEFAULT), &[], &mut report);
    // Last, as they take longest and are the likeliest to have passed before.
    targets::run(workspace, &mut report);
    aarch64::part(workspace, &mut report);
    windows::part(workspace, &setup, &mut report);
    report.finish()
}
