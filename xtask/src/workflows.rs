//! The workflows of GitHub Actions, which cannot run here: what linters say of them.

use std::process::ExitCode;

use crate::report::{Report, Strictness};
use crate::setup;
use crate::workspace::Workspace;

pub(crate) fn main(workspace: &Workspace) -> ExitCode {
    let mut report = Report::new(Strictness::from_environment());
    run(workspace, &mut report);
    report.finish()
}

pub(crate) fn run(workspace: &Workspace, report: &mut Report) {
    let linters = match setup::workflow_linters(workspace) {
        Ok(linters) => linters,
        Err(missing) => return report.skip(2, [missing]),
    };
    let root = workspace.shell().current_dir();
    report.check("workflows, actionlint", linters.actionlint().current_dir(&root));
    report.check("workflows, zizmor", linters.zizmor().current_dir(&root).arg("."));
}
