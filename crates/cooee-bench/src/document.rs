//! Tables in Markdown, and their places in a document.

use std::fmt::Write as _;

use crate::report::{Row, Table, number};

/// `table` in Markdown: the rows with their ratio to the first one, then the targets.
pub fn table(table: &Table) -> String {
    let unit = &table.unit;
    let mut text = format!("{}, {unit}:\n\n", table.title);
    text += "| | median | min – max | runs | ratio |\n|---|--:|--:|--:|--:|\n";
    for row in &table.rows {
        let spread = &row.spread;
        let ratio = spread.median / first_of_its_kind(table, row).spread.median;
        let ratio = if ratio.is_finite() { number(ratio) } else { "–".to_owned() };
        let _ = writeln!(
            text,
            "| {} | {} | {} – {} | {} | {ratio} |",
            row.name,
            number(spread.median),
            number(spread.least),
            number(spread.greatest),
            spread.runs
        );
    }
    if !table.checks.is_empty() {
        text += "\n| target | | measured | met |\n|---|--:|--:|---|\n";
    }
    for check in &table.checks {
        let verdict = if check.is_met() { "yes" } else { "**no**" };
        let value = number(check.value);
        let _ = writeln!(text, "| {} | {} | {value} | {verdict} |", check.what, check.limit);
    }
    let _ = write!(text, "\n{}, {}\n", table.date, table.machine);
    text
}

/// The first row whose name has the same beginning, up to a colon.
fn first_of_its_kind<'t>(table: &'t Table, row: &'t Row) -> &'t Row {
    let kind = |row: &Row| row.name.split_once(": ").map(|(kind, _)| kind.to_owned());
    table.rows.iter().find(|other| kind(other) == kind(row)).unwrap_or(row)
}

/// `document` with `text` between the markers `<!-- bench:NAME -->` and `<!-- end -->`; `None`
/// without such markers.
pub fn replace(document: &str, name: &str, text: &str) -> Option<String> {
    let begin = format!("<!-- bench:{name} -->\n");
    let (before, rest) = document.split_once(&begin)?;
    let (_, after) = rest.split_once("<!-- end -->")?;
    Some(format!("{before}{begin}{text}<!-- end -->{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Limit;
    use crate::spread::Spread;

    #[test]
    fn a_table_has_ratios_to_its_first_row() {
        let row = |name: &str, value| Row { name: name.into(), spread: Spread::of([value]) };
        let mut measured = Table {
            title: "Time".into(),
            unit: "ms".into(),
            date: "2026-01-02".into(),
            machine: "a machine".into(),
            rows: vec![row("ours", 2.0), row("theirs", 5000.0)],
            checks: Vec::new(),
        };
        measured.check("ours ÷ theirs", 2.0 / 5000.0, Limit::AtMost(0.1));
        measured.check("ours", 2.0, Limit::AtMost(1.0));
        let expected = "Time, ms:\n\n\
            | | median | min – max | runs | ratio |\n|---|--:|--:|--:|--:|\n\
            | ours | 2 | 2 – 2 | 1 | 1 |\n\
            | theirs | 5,000 | 5,000 – 5,000 | 1 | 2,500 |\n\n\
            | target | | measured | met |\n|---|--:|--:|---|\n\
            | ours ÷ theirs | ≤ 0.1 | 0.0004 | yes |\n\
            | ours | ≤ 1 | 2 | **no** |\n\n\
            2026-01-02, a machine\n";
        assert_eq!(table(&measured), expected);
    }

    #[test]
    fn kinds_have_ratios_of_their_own() {
        let row = |name: &str, value| Row { name: name.into(), spread: Spread::of([value]) };
        let measured = Table {
            title: "Found".into(),
            unit: "servers".into(),
            date: String::new(),
            machine: String::new(),
            rows: vec![row("1: a", 1.0), row("1: b", 3.0), row("2: a", 2.0), row("2: b", 1.0)],
            checks: Vec::new(),
        };
        let text = table(&measured);
        let ratios: Vec<_> = text.lines().filter_map(|line| line.split(" | ").nth(4)).collect();
        assert_eq!(ratios[1..], ["1 |", "3 |", "1 |", "0.5 |"]);
    }

    #[test]
    fn only_what_is_between_the_markers_is_replaced() {
        let document =
            "a\n<!-- bench:x -->\nold\n<!-- end -->\nb\n<!-- bench:y -->\n<!-- end -->\n";
        let replaced = replace(document, "x", "new\n").expect("it has the markers");
        assert_eq!(
            replaced,
            "a\n<!-- bench:x -->\nnew\n<!-- end -->\nb\n<!-- bench:y -->\n<!-- end -->\n"
        );
        assert_eq!(replace(&replaced, "x", "old\n").as_deref(), Some(document));
        assert_eq!(replace(document, "z", ""), None);
    }
}
