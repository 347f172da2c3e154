//! How findings are printed.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use cooee::Checkup;
use cooee::finding::Finding;
use serde::Serialize;

#[derive(Serialize)]
struct Report<'a> {
    findings: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    code: &'static str,
    seen: &'a str,
    means: &'a str,
    #[serde(rename = "do")]
    remedy: &'a str,
}

impl<'a> Row<'a> {
    fn of(finding: &'a Finding) -> Self {
        let (code, remedy) = (finding.code().as_str(), finding.remedy());
        Self { code, seen: finding.seen(), means: finding.means(), remedy }
    }
}

pub(super) fn json(checkup: &Checkup) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let findings = checkup.findings.iter().map(Row::of).collect();
    serde_json::to_writer_pretty(&mut out, &Report { findings })?;
    writeln!(out)
}

const CODE: Style = AnsiColor::Yellow.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default();

/// What is in order is told on a terminal only, where somebody looks at it.
pub(super) fn text(checkup: &Checkup) -> io::Result<()> {
    let is_terminal = io::stdout().is_terminal();
    let mut out = anstream::stdout().lock();
    if is_terminal {
        for line in &checkup.healthy {
            writeln!(out, "{GOOD}ok{GOOD:#}  {line}")?;
        }
    }
    for finding in &checkup.findings {
        let Row { code, seen, means, remedy } = Row::of(finding);
        writeln!(out, "{CODE}{code}{CODE:#}")?;
        writeln!(out, "  seen:  {seen}\n  means: {means}\n  do:    {remedy}")?;
    }
    if checkup.findings.is_empty() && !checkup.stopped {
        writeln!(out, "no findings: nothing is wrong with what was examined")?;
    }
    Ok(())
}
