//! The figures that matter most, in one table.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::report::{Report, Table, number};

/// One line: what Cooee shows in a table, and who is compared with it.
struct Line {
    what: &'static str,
    table: &'static str,
    ours: &'static str,
    /// The rows of the stock programs, of python-zeroconf and of mdns-sd.
    peers: [Option<&'static str>; 3],
}

const LINES: [Line; 9] = [
    Line {
        what: "first server, library call",
        table: "first-server-library",
        ours: "cooee, Rust library",
        peers: [Some("stock client"), Some("python-zeroconf"), Some("mdns-sd")],
    },
    Line {
        what: "first server, whole process",
        table: "first-server-process",
        ours: "`cooee find --one`",
        peers: [
            Some("stock client, with interpreter"),
            Some("python-zeroconf, with interpreter"),
            Some("mdns-sd, minimal program"),
        ],
    },
    Line {
        what: "complete list of 100 servers",
        table: "complete-list",
        ours: "100 servers: `cooee find`",
        peers: [Some("100 servers: stock client"), None, None],
    },
    Line {
        what: "found of 10,000 that answer at once",
        table: "crowd",
        ours: "10,000 servers: `cooee find`",
        peers: [Some("10,000 servers: stock client"), None, None],
    },
    Line {
        what: "found of 200, 20 % lost each way",
        table: "loss",
        ours: "20 % lost each way: `cooee find`",
        peers: [Some("20 % lost each way: stock client"), None, None],
    },
    Line {
        what: "answers on one core",
        table: "answers",
        ours: "`cooee serve`, no rate limit",
        peers: [Some("stock server"), None, None],
    },
    Line {
        what: "memory of a server",
        table: "memory",
        ours: "`cooee serve`",
        peers: [Some("stock server"), Some("python-zeroconf"), Some("mdns-sd, minimal program")],
    },
    Line {
        what: "wake-ups of an idle server",
        table: "idle",
        ours: "`cooee serve`",
        peers: [Some("stock server"), Some("python-zeroconf"), Some("mdns-sd, minimal program")],
    },
    Line {
        what: "server start to first answer",
        table: "start-up",
        ours: "`cooee serve`",
        peers: [Some("stock server"), None, None],
    },
];

/// What was measured, on what, and the medians with their ratios to Cooee's, in Markdown.
pub fn summary(report: &Report) -> String {
    let mut text = String::from(
        "| | Cooee | stock programs | python-zeroconf | mdns-sd |\n|---|--:|--:|--:|--:|\n",
    );
    for line in &LINES {
        let Some(table) = report.tables.get(line.table) else { continue };
        let Some(ours) = median(table, line.ours) else { continue };
        let unit = &table.unit;
        let _ = write!(text, "| {}, {unit} | {} ", line.what, number(ours));
        for peer in line.peers {
            let theirs = peer.and_then(|name| median(table, name));
            let _ = match theirs {
                None => write!(text, "| – "),
                Some(theirs) if ours == 0.0 => write!(text, "| {} ", number(theirs)),
                Some(theirs) => write!(text, "| {} ({} ×) ", number(theirs), number(theirs / ours)),
            };
        }
        text += "|\n";
    }
    let measured = || report.tables.values();
    let machines: BTreeSet<_> = measured().map(|table| table.machine.as_str()).collect();
    let dates: BTreeSet<_> = measured().map(|table| table.date.as_str()).collect();
    let machines = Vec::from_iter(machines).join("; ");
    let dates = match (dates.first(), dates.last()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (first, _) => first.copied().unwrap_or_default().to_owned(),
    };
    let _ = write!(text, "\nMedians; in parentheses, the ratio to Cooee. Machine: {machines}.");
    let _ = writeln!(text, " Date: {dates}.");
    text
}

fn median(table: &Table, name: &str) -> Option<f64> {
    table.rows.iter().find(|row| row.name == name).map(|row| row.spread.median)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;
    use crate::report::Row;
    use crate::spread::Spread;

    fn table(unit: &str, date: &str, rows: &[(&str, f64)]) -> Table {
        let row = |&(name, value): &(&str, f64)| Row {
            name: name.to_owned(),
            spread: Spread::of([value]),
        };
        Table {
            title: "Title".into(),
            unit: unit.into(),
            date: date.into(),
            machine: "a machine".into(),
            rows: rows.iter().map(row).collect(),
            checks: Vec::new(),
        }
    }

    #[test]
    fn lines_have_ratios_and_leave_out_what_was_not_measured() {
        let memory = table("MiB", "2026-01-02", &[("`cooee serve`", 4.0), ("stock server", 38.0)]);
        let idle =
            table("per second", "2026-01-03", &[("`cooee serve`", 0.0), ("stock server", 1.0)]);
        let tables = [("memory".to_owned(), memory), ("idle".to_owned(), idle)];
        let expected = "| | Cooee | stock programs | python-zeroconf | mdns-sd |\n\
            |---|--:|--:|--:|--:|\n\
            | memory of a server, MiB | 4 | 38 (9.5 ×) | – | – |\n\
            | wake-ups of an idle server, per second | 0 | 1 | – | – |\n\n\
            Medians; in parentheses, the ratio to Cooee. Machine: a machine. \
            Date: 2026-01-02 to 2026-01-03.\n";
        assert_eq!(summary(&Report { tables: tables.into() }), expected);
    }

    #[test]
    fn every_line_names_rows_that_were_recorded() {
        let record = Record::read().expect("the figures of this repository");
        for line in &LINES {
            let table = record.table(line.table).expect(line.table);
            for name in line.peers.into_iter().flatten().chain([line.ours]) {
                assert!(median(table, name).is_some(), "{} has no row {name}", line.table);
            }
        }
    }
}
