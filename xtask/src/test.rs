use std::path::Path;
use std::process::ExitCode;

use crate::report::{Report, Strictness};
use crate::workspace::Workspace;
use crate::{instructions, lab, lint, python, setup};

/// One run of `cargo test` over the workspace.
struct Run {
    name: &'static str,
    features: &'static [&'static str],
}

const RUNS: &[Run] = &[Run { name: "tests", features: &["cooee/tokio"] }];

pub(crate) fn main(workspace: &Workspace) -> ExitCode {
    let mut report = Report::new(Strictness::from_environment());
    println!("==> set-up");
    let setup = setup::run(workspace);
    lint::run(workspace, &mut report);
    for Run { name, features } in RUNS {
        let mut command = workspace.cargo(["test", "--no-fail-fast", "--workspace"]);
        command.args(["--exclude", lab::CRATE, "--features"]).arg(features.join(","));
        report.tests(name, &mut command);
    }
    lab::run(workspace, &setup, &[], &mut report);
    instructions::run(workspace, &setup, &mut report);
    python::run(workspace, &setup, Path::new(python::DEFAULT), &[], &mut report);
    report.finish()
}
