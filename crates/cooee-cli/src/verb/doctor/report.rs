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

/// One object, as `docs/doctor.schema.json` describes it.
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
    let healthy = if io::stdout().is_terminal() { &checkup.healthy[..] } else { &[] };
    let mut out = anstream::stdout().lock();
    write(&mut out, healthy, &checkup.findings)?;
    if checkup.findings.is_empty() && !checkup.stopped {
        writeln!(out, "no findings: nothing is wrong with what was examined")?;
    }
    Ok(())
}

fn write(out: &mut impl Write, healthy: &[String], findings: &[Finding]) -> io::Result<()> {
    for line in healthy {
        writeln!(out, "{GOOD}ok{GOOD:#}  {line}")?;
    }
    for finding in findings {
        let Row { code, seen, means, remedy } = Row::of(finding);
        writeln!(out, "{CODE}{code}{CODE:#}")?;
        writeln!(out, "  seen:  {seen}\n  means: {means}\n  do:    {remedy}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use cooee::finding::{Evidence, PortUse, SharedAddress, diagnose};

    use super::*;

    #[test]
    fn people_read_what_is_in_order_and_a_paragraph_for_each_finding() {
        let mut evidence = Evidence::new(9999, Vec::new());
        evidence.selection.include = vec!["eth0".to_owned()];
        let address = [10, 0, 1, 2].into();
        let links = vec!["02:00:00:00:00:01".to_owned(), "02:00:00:00:00:02".to_owned()];
        evidence.shared = vec![SharedAddress { address, links }];
        evidence.port_use = PortUse::Foreign { owner: Some("pid 4121 (python)".to_owned()) };
        let healthy = ["firewall: lets answers in".to_owned()];
        let mut printed = anstream::StripStream::new(Vec::new());
        write(&mut printed, &healthy, &diagnose(&evidence)).unwrap();
        let expected = "\
ok  firewall: lets answers in
duplicate-address
  seen:  more than one host answers as 10.0.1.2, at 02:00:00:00:00:01 and 02:00:00:00:00:02
  means: two hosts have one address, so connections go to either; or one host has two interfaces on this link
  do:    give one of the hosts another address
port-taken
  seen:  port 9999 of this host is taken by pid 4121 (python)
  means: a server on this host cannot answer
  do:    stop pid 4121 (python), or choose another --port on both sides
";
        assert_eq!(String::from_utf8(printed.into_inner()).unwrap(), expected);
    }
}
