//! Whether what a release consists of can be installed, and runs.

mod contents;
mod foreign;
mod installed;
mod paths;
mod wheels;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::names;
use super::sums;
use super::target::TARGETS;
use crate::report::Report;
use crate::workspace::Workspace;

/// Checks the files in the directory `dist`.
pub(super) fn run(workspace: &Workspace, dist: &Path, report: &mut Report) {
    report.judge("files", || files(dist));
    report.judge("checksums", || sums::check(dist));
    let root = workspace.shell().current_dir();
    let scratch = workspace.target().join("dist-check");
    // What an earlier check unpacked says nothing.
    let _ = fs::remove_dir_all(&scratch);
    for target in TARGETS {
        let unpacked = scratch.join(target.triple);
        report.judge(&format!("archive for {}", target.triple), || {
            contents::check(dist, &target, &root, &unpacked)
        });
        // That there is none has been said.
        if unpacked.join(target.program()).is_file() {
            foreign::run(workspace, &target, &unpacked, report);
        }
    }
    for architecture in TARGETS.iter().filter_map(|target| target.packages) {
        installed::deb(workspace, dist, &architecture, &scratch, report);
        installed::rpm(workspace, dist, &architecture, &scratch, report);
    }
    report.judge("paths in the wheels", || paths::of_wheels(&root, &wheels::all(dist)?));
    wheels::run(workspace, dist, &scratch, report);
}

fn files(dist: &Path) -> Result<()> {
    let entries = fs::read_dir(dist);
    let entries = entries.with_context(|| format!("cannot list {dist:?}; run cargo xtask dist"))?;
    let name = |entry: std::io::Result<fs::DirEntry>| {
        Ok(entry?.file_name().to_string_lossy().into_owned())
    };
    let found = entries.map(name).collect::<Result<Vec<_>>>()?;
    let objections = names::objections(&names::all(), &found);
    if !objections.is_empty() {
        bail!("{}", objections.join("\n"));
    }
    Ok(())
}
