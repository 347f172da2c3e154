use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{lab, setup};

const CRATE: &str = "cooee-bench";

/// Draws the pictures and fills the document from the recorded figures.
pub(crate) fn render(workspace: &Workspace) -> Result<ExitCode> {
    let mut run = workspace.cargo(["run", "--quiet", "--package", CRATE, "--bin", "render"]);
    Ok(if succeeds(&mut run)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(crate) fn main(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let setup = setup::run(workspace);
    if let Some(missing) = lab::obstacles(workspace, &setup).first() {
        bail!("the lab cannot run here: {missing}");
    }
    let task = |task: &[&str]| lab::release(workspace, &setup, CRATE, "contestants", task);
    if !succeeds(&mut lab::build(workspace))? || !succeeds(&mut task(&["build", "--bins"]))? {
        bail!("what is measured does not build");
    }
    let mut run = task(&["run", "--quiet", "--bin", "bench"]);
    run.arg("--").args(arguments);
    Ok(if succeeds(&mut run)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn succeeds(command: &mut Command) -> Result<bool> {
    Ok(command.status().context("cannot run cargo")?.success())
}
