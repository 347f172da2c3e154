use std::process::ExitCode;

use crate::report::{Report, Strictness};
use crate::workspace::Workspace;

pub(crate) fn main(workspace: &Workspace) -> ExitCode {
    let mut report = Report::new(Strictness::from_environment());
    run(workspace, &mut report);
    report.finish()
}

pub(crate) fn run(workspace: &Workspace, report: &mut Report) {
    report.check("format", &mut workspace.cargo(["fmt", "--all", "--check"]));

    let clippy = ["clippy", "--workspace", "--all-targets", "--all-features"];
    report.check("clippy", workspace.cargo(clippy).args(["--", "-D", "warnings"]));

    let doc = ["doc", "--workspace", "--no-deps"];
    report.check("documentation", workspace.cargo(doc).env("RUSTDOCFLAGS", "-D warnings"));
}
