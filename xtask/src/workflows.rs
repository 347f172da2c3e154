//! The workflows of GitHub Actions, which cannot run here: what linters say of them.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use crate::report::{Report, Strictness};
use crate::setup::{self, Linters};
use crate::workspace::Workspace;

pub(crate) fn main(workspace: &Workspace) -> ExitCode {
    // Who asks for this alone is not served by skipping it.
    let mut report = Report::new(Strictness::Strict);
    run(workspace, &mut report);
    report.finish()
}

pub(crate) fn run(workspace: &Workspace, report: &mut Report) {
    let linters = match setup::workflow_linters(workspace) {
        Ok(linters) => linters,
        Err(missing) => return report.skip(3, [missing]),
    };
    report.judge("workflows, a wrong one", || find_the_wrong(workspace, &linters));
    let root = workspace.shell().current_dir();
    report.check("workflows, actionlint", linters.actionlint().current_dir(&root));
    report.check("workflows, zizmor", linters.zizmor().current_dir(&root).arg("."));
}

/// A workflow with a mistake for each linter: an expression that names nothing, and a title that anyone
/// may write, put into a script.
const WRONG: &str = r#"on: issues
permissions: {}
jobs:
  wrong:
    runs-on: ubuntu-24.04
    steps:
      - run: echo "${{ github.event.issue.title }}" "${{ matrix.nothing }}"
"#;

/// A linter that says nothing may have looked at nothing.
fn find_the_wrong(workspace: &Workspace, linters: &Linters) -> Result<()> {
    let directory = workspace.target().join("workflow-linters/wrong");
    let workflows = directory.join(".github/workflows");
    workspace.shell().write_file(workflows.join("wrong.yml"), WRONG)?;
    let objects = |linter: &mut Command| -> Result<bool> {
        let output = linter.current_dir(&directory).output().context("it does not run")?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(!output.status.success() && said.contains("wrong.yml"))
    };
    ensure!(objects(&mut linters.actionlint())?, "actionlint objects to nothing");
    ensure!(objects(linters.zizmor().arg("."))?, "zizmor objects to nothing");
    Ok(())
}
