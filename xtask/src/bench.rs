use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{lab, setup};

pub(crate) fn main(workspace: &Workspace) -> Result<ExitCode> {
    let setup = setup::run(workspace);
    if let Some(missing) = lab::obstacles(workspace, &setup).first() {
        bail!("the lab cannot run here: {missing}");
    }
    run(&mut lab::build(workspace))?;
    for table in ["bench", "throughput"] {
        println!();
        run(&mut lab::command(workspace, &setup, &["run", "--quiet", "--example", table]))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().context("cannot run cargo")?;
    if status.success() { Ok(()) } else { bail!("cargo ended with {status}") }
}
