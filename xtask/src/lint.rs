use std::process::ExitCode;

use crate::report::{Report, Strictness};
use crate::workspace::Workspace;
use crate::{fuzz, package, targets, workflows};

pub(crate) fn main(workspace: &Workspace) -> ExitCode {
    let mut report = Report::remembering(Strictness::from_environment(), workspace);
    run(workspace, &mut report);
    targets::run(workspace, &mut report);
    report.finish()
}

/// All but other systems, which take minutes.
pub(crate) fn run(workspace: &Workspace, report: &mut Report) {
    report.check("format", &mut workspace.cargo(["fmt", "--all", "--check"]));
    let fuzzers = ["fmt", "--manifest-path", fuzz::MANIFEST, "--check"];
    report.check("format, fuzzers", &mut workspace.cargo(fuzzers));

    for (name, features) in
        [("clippy", "--all-features"), ("clippy, no features", "--no-default-features")]
    {
        let clippy = ["clippy", "--workspace", "--all-targets", features, "--", "-D", "warnings"];
        report.check(name, &mut workspace.cargo(clippy));
    }

    report.check("clippy, fuzzers", &mut fuzz::clippy(workspace));

    let doc = ["doc", "--workspace", "--no-deps"];
    report.check("documentation", workspace.cargo(doc).env("RUSTDOCFLAGS", "-D warnings"));

    workflows::run(workspace, report);
    package::part(workspace, report);
}
