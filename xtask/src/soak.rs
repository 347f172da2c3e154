//! The lab's endurance tests in their long form, and a table of what they measured.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::report::{Report, Strictness};
use crate::workspace::Workspace;
use crate::{lab, setup};

/// Names the file that the tests append their figures to, and makes them long.
const FIGURES: &str = "COOEE_SOAK_FIGURES";
const MINUTES: &str = "COOEE_SOAK_MINUTES";

/// The module of the tests that have a long form.
const MODULE: &str = "endurance::";

/// One figure: scenario, what was measured, what was wanted, what came out, verdict.
type Row<'a> = [&'a str; 5];

const HEADINGS: Row<'static> = ["scenario", "what", "wanted", "measured", ""];

pub(crate) fn main(workspace: &Workspace, minutes: f64, names: &[String]) -> Result<ExitCode> {
    let setup = setup::run(workspace);
    if let Some(missing) = lab::obstacles(workspace, &setup).first() {
        bail!("the lab cannot run here: {missing}");
    }
    let asked =
        Duration::try_from_secs_f64(60.0 * minutes).context("so many minutes are no time")?;
    let mut report = Report::new(Strictness::from_environment()).with_more_time(asked);
    let file = workspace.target().join("soak.tsv");
    if report.prepare("build of cooee", &mut lab::build(workspace)) {
        workspace.shell().write_file(&file, "")?;
        let mut command = lab::command(workspace, &setup, &["test", "--no-fail-fast"]);
        command.args(["--test", "lab", "--", "--test-threads=1"]).args(filters(names));
        command.env(FIGURES, &file).env(MINUTES, minutes.to_string());
        report.chosen_tests("soak", &mut command);
        print_table(&file)?;
    }
    Ok(report.finish())
}

fn filters(names: &[String]) -> Vec<String> {
    if names.is_empty() {
        return vec![MODULE.to_owned()];
    }
    names.iter().map(|name| format!("{MODULE}{name}")).collect()
}

fn print_table(file: &Path) -> Result<()> {
    let figures = std::fs::read_to_string(file).context("cannot read the figures")?;
    let rows: Vec<Row<'_>> =
        [HEADINGS].into_iter().chain(figures.lines().filter_map(row)).collect();
    println!();
    for line in aligned(&rows) {
        println!("{line}");
    }
    Ok(())
}

fn row(line: &str) -> Option<Row<'_>> {
    line.split('\t').collect::<Vec<_>>().try_into().ok()
}

/// The columns one below the other.
fn aligned(rows: &[Row<'_>]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..HEADINGS.len()).map(|n| width(n).unwrap_or(0)).collect();
    let padded = |row: &Row<'_>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(padded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_five_fields_is_a_row() {
        let line = "flood\trecovery\t<= 1s\t12.00ms\tok";
        assert_eq!(row(line), Some(["flood", "recovery", "<= 1s", "12.00ms", "ok"]));
        assert_eq!(row("flood\trecovery"), None);
    }

    #[test]
    fn columns_are_one_below_the_other() {
        let rows = [["a", "what", "", "1", "ok"], ["longer", "é", "<= 2", "12", ""]];
        assert_eq!(aligned(&rows), ["a       what        1   ok", "longer  é     <= 2  12"]);
    }

    #[test]
    fn names_are_those_of_endurance_tests() {
        assert_eq!(filters(&[]), ["endurance::"]);
        assert_eq!(filters(&["flood".into()]), ["endurance::flood"]);
    }
}
