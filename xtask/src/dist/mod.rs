//! `cargo xtask dist`: what a release consists of.

mod archive;
mod check;
mod crates;
mod documents;
mod graph;
mod licences;
mod making;
mod names;
mod packages;
mod programs;
mod release;
mod sbom;
mod sums;
mod target;
mod twice;

use std::fs;
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};

use making::Toolbox;

use crate::report::{Report, Strictness};
use crate::workspace::Workspace;

/// What to do with the files of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Make all of them anew.
    Make,
    /// Make them twice, and compare.
    Compare,
    /// Install and run those that are there, or make them first.
    Check,
}

/// `only` names the systems to make files for by their triples; all if there are none.
///
/// # Errors
/// A triple that nothing is made for.
pub(crate) fn main(workspace: &Workspace, purpose: Purpose, only: &[String]) -> Result<ExitCode> {
    if let Some(unknown) = only.iter().find(|triple| !target::is_known(triple)) {
        bail!("nothing is made for {unknown}; choose of {}", target::known().join(", "));
    }
    // Who asks for this alone is not served by skipping it.
    let mut report = Report::new(Strictness::Strict);
    run(workspace, purpose, only, &mut report);
    Ok(report.finish())
}

fn run(workspace: &Workspace, purpose: Purpose, only: &[String], report: &mut Report) {
    let dist = workspace.target().join("dist");
    if purpose == Purpose::Check && dist.join(sums::NAME).is_file() {
        return check::run(workspace, &dist, report);
    }
    // What is there is of another run, and would be taken for what this one made.
    let is_gone = !dist.exists() || fs::remove_dir_all(&dist).is_ok();
    report.judge("removal of older files", || {
        ensure!(is_gone, "cannot remove {}", dist.display());
        Ok(())
    });
    let Some(toolbox) = Toolbox::install(workspace, report).filter(|_| is_gone) else { return };
    match purpose {
        Purpose::Compare => twice::run(workspace, toolbox, only, report),
        Purpose::Make => making::run(workspace, &toolbox, only, report),
        Purpose::Check => {
            making::run(workspace, &toolbox, &[], report);
            check::run(workspace, &dist, report);
        }
    }
}
