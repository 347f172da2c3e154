//! Reads what pytest prints with `-ra`.

use crate::libtest::{Line, Tally};

/// What a line tells, if anything.
pub(crate) fn parse(line: &str) -> Option<Line<'_>> {
    let line = line.trim_end();
    if let Some(rest) = line.strip_prefix("FAILED ").or_else(|| line.strip_prefix("ERROR ")) {
        let name = rest.split_once(" - ").map_or(rest, |(name, _)| name);
        // A captured line of a log begins likewise, but with more white space.
        let is_test = name.contains(".py") && !name.starts_with(' ');
        return is_test.then_some(Line::Failed { name });
    }
    if let Some(rest) = line.strip_prefix("SKIPPED [") {
        let (_count, rest) = rest.split_once("] ")?;
        let (name, reason) = rest.split_once(": ")?;
        return Some(Line::Ignored { name, reason: Some(reason) });
    }
    summary(line.trim_matches('=').trim()).map(Line::Result)
}

/// `2 failed, 7 passed, 1 skipped, 1 error in 3.20s`
fn summary(line: &str) -> Option<Tally> {
    let (counts, duration) = line.rsplit_once(" in ")?;
    let seconds = duration.split_once('s')?.0;
    seconds.parse::<f64>().ok()?;
    if counts == "no tests ran" {
        return Some(Tally::default());
    }
    let mut tally = Tally::default();
    for count in counts.split(", ") {
        let (number, what) = count.split_once(' ')?;
        let number: usize = number.parse().ok()?;
        match what {
            "passed" | "xfailed" => tally.passed += number,
            "failed" | "error" | "errors" | "xpassed" => tally.failed += number,
            "skipped" => tally.skipped += number,
            "deselected" | "warning" | "warnings" | "subtests passed" => {}
            _ => return None,
        }
    }
    Some(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(passed: usize, failed: usize, skipped: usize) -> Option<Line<'static>> {
        Some(Line::Result(Tally { passed, failed, skipped }))
    }

    #[test]
    fn a_summary_is_read() {
        assert_eq!(parse("115 passed in 18.19s\n"), result(115, 0, 0));
        let mixed = "== 1 failed, 4 passed, 2 skipped, 3 warnings, 1 error in 63.20s (0:01:03) ==";
        assert_eq!(parse(mixed), result(4, 2, 2));
        assert_eq!(parse("==== no tests ran in 0.01s ===="), result(0, 0, 0));
    }

    #[test]
    fn failed_and_skipped_tests_are_named() {
        let name = "python/tests/cooee/test_fork.py::test_a[x]";
        let line = "FAILED python/tests/cooee/test_fork.py::test_a[x] - assert 1 == 2";
        assert_eq!(parse(line), Some(Line::Failed { name }));
        let name = "python/tests/test_a.py";
        assert_eq!(parse("ERROR python/tests/test_a.py"), Some(Line::Failed { name }));
        let skipped = Line::Ignored { name: "python/tests/test_a.py:12", reason: Some("no fork") };
        assert_eq!(parse("SKIPPED [2] python/tests/test_a.py:12: no fork"), Some(skipped));
    }

    #[test]
    fn other_lines_tell_nothing() {
        for line in [
            "",
            ".....s..F [ 62%]",
            "FAILED to start",
            "3 apples in 2 baskets",
            "=====",
            "ERROR    cooee:test_a.py:12 the port is taken",
            "collected 115 items in 0.3s",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
