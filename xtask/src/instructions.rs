use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::report::Report;
use crate::setup::Setup;
use crate::workspace::Workspace;
use crate::{lab, setup};

/// What to do with the counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Fail when one has grown.
    Check,
    /// Write them down as those to compare with.
    Record,
}

const COUNTS_WITH: &str = "valgrind";

pub(crate) fn main(workspace: &Workspace, purpose: Purpose) -> Result<ExitCode> {
    let setup = setup::run(workspace);
    if let Some(missing) = setup.lacks(COUNTS_WITH) {
        bail!("{missing}");
    }
    if !lab::build(workspace).status().context("cannot run cargo")?.success() {
        bail!("cooee does not build");
    }
    let status = command(workspace, &setup, purpose).status().context("cannot run cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// As one check among others.
pub(crate) fn run(workspace: &Workspace, setup: &Setup, report: &mut Report) {
    if let Some(missing) = setup.lacks(COUNTS_WITH) {
        report.skip(1, [missing.clone()]);
    } else if report.prepare("build of cooee", &mut lab::build(workspace)) {
        report.check("instructions", &mut command(workspace, setup, Purpose::Check));
    }
}

fn command(workspace: &Workspace, setup: &Setup, purpose: Purpose) -> Command {
    let mut command =
        lab::command(workspace, setup, &["run", "--quiet", "--example", "instructions"]);
    command.args([
        "--",
        match purpose {
            Purpose::Check => "check",
            Purpose::Record => "record",
        },
    ]);
    command
}
