//! How findings are printed.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use cooee::Checkup;
use cooee::announced::shown;
use cooee::finding::Finding;
use serde::Serialize;

#[derive(Serialize)]
struct Report<'a> {
    findings: Vec<Row<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    complete: Option<bool>,
}

impl<'a> Report<'a> {
    fn of(checkup: &'a Checkup) -> Self {
        let findings = checkup.findings.iter().map(Row::of).collect();
        Self { findings, complete: (!checkup.is_complete()).then_some(false) }
    }
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
    serde_json::to_writer_pretty(&mut out, &Report::of(checkup))?;
    writeln!(out)
}

/// Why not everything was examined, if that is so, and what to do. `has_names` tells whether peers
/// were looked up, which takes of the time.
pub(super) fn cut_short(checkup: &Checkup, has_names: bool) -> Option<String> {
    if checkup.is_complete() {
        return None;
    }
    if checkup.stopped {
        return Some("stopped before the end; what was not examined is not told of".to_owned());
    }
    let left_out: Vec<_> = checkup.left_out.iter().map(|stage| stage.as_str()).collect();
    let left_out = left_out.join(", ");
    Some(match (checkup.timed_out, has_names) {
        (true, true) => format!(
            "no time was left to examine all of this: {left_out}; run it again, with the addresses \
             of peers in place of names"
        ),
        (true, false) => {
            format!("no time was left to examine all of this: {left_out}; run it again")
        }
        (false, _) => format!(
            "the system had no thread or socket to examine this: {left_out}; run it again with -vv \
             to see why"
        ),
    })
}

const CODE: Style = AnsiColor::Yellow.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default();

/// What is in order is told on a terminal only, where somebody looks at it.
pub(super) fn text(checkup: &Checkup) -> io::Result<()> {
    let healthy = if io::stdout().is_terminal() { &checkup.healthy[..] } else { &[] };
    let mut out = anstream::stdout().lock();
    write(&mut out, healthy, &checkup.findings)?;
    if checkup.findings.is_empty() && checkup.is_complete() {
        writeln!(out, "no findings: nothing is wrong with what was examined")?;
    }
    Ok(())
}

fn write(out: &mut impl Write, healthy: &[String], findings: &[Finding]) -> io::Result<()> {
    for line in healthy {
        writeln!(out, "{GOOD}ok{GOOD:#}  {}", shown(line))?;
    }
    for finding in findings {
        let Row { code, seen, means, remedy } = Row::of(finding);
        let [seen, means, remedy] = [seen, means, remedy].map(shown);
        writeln!(out, "{CODE}{code}{CODE:#}")?;
        writeln!(out, "  seen:  {seen}\n  means: {means}\n  do:    {remedy}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use cooee::Doctor;
    use cooee::finding::{Evidence, PortUse, SharedAddress, diagnose};
    use serde_json::json;

    use super::*;

    #[test]
    fn an_examination_that_had_no_time_says_so_and_is_not_called_stopped() {
        let stop = AtomicBool::new(false);
        let checkup = Doctor::new().within(Duration::ZERO).examine(&stop, |_| {}).unwrap();
        let why = cut_short(&checkup, false).unwrap();
        assert!(why.starts_with("no time was left") && !why.contains("stopped"), "{why}");
        assert!(why.contains("which servers answer") && why.contains("test exchanges"), "{why}");
        assert!(why.ends_with("; run it again"), "no peer was a name: {why}");
        let why = cut_short(&checkup, true).unwrap();
        assert!(why.ends_with("addresses of peers in place of names"), "{why}");
        let report = serde_json::to_value(Report::of(&checkup)).unwrap();
        assert_eq!(report["complete"], json!(false), "{report}");
    }

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
