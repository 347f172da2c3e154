//! Reads what cargo's test programs print.

use std::ops::{AddAssign, Sub};

/// How many tests passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Sub for Tally {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            passed: self.passed - other.passed,
            failed: self.failed - other.failed,
            skipped: self.skipped - other.skipped,
        }
    }
}

/// What one line of a test program tells.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// One program is through.
    Result(Tally),
    /// One test failed.
    Failed { name: &'a str },
    /// One test is marked as ignored.
    Ignored { name: &'a str, reason: Option<&'a str> },
}

impl<'a> Line<'a> {
    pub(crate) fn parse(line: &'a str) -> Option<Self> {
        let rest = line.trim_end().strip_prefix("test ")?;
        if let Some(result) = rest.strip_prefix("result: ") {
            return tally(result).map(Self::Result);
        }
        let (name, outcome) = rest.rsplit_once(" ... ")?;
        match outcome.split_once(", ") {
            None if outcome == "FAILED" => Some(Self::Failed { name }),
            None if outcome == "ignored" => Some(Self::Ignored { name, reason: None }),
            Some(("ignored", reason)) => Some(Self::Ignored { name, reason: Some(reason) }),
            _ => None,
        }
    }
}

fn tally(result: &str) -> Option<Tally> {
    let (_verdict, counts) = result.split_once(". ")?;
    let mut tally = Tally::default();
    let mut fields = 0;
    for count in counts.split("; ") {
        let Some((number, what)) = count.split_once(' ') else { continue };
        let field = match what {
            "passed" => &mut tally.passed,
            "failed" => &mut tally.failed,
            "ignored" => &mut tally.skipped,
            _ => continue,
        };
        *field = number.parse().ok()?;
        fields += 1;
    }
    (fields == 3).then_some(tally)
}

/// The names in what a test program prints for `--list`.
pub(crate) fn listed(output: &str) -> Vec<String> {
    output.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(passed: usize, failed: usize, skipped: usize) -> Option<Line<'static>> {
        Some(Line::Result(Tally { passed, failed, skipped }))
    }

    #[test]
    fn a_result_is_read() {
        let ok = "test result: ok. 15 passed; 0 failed; 2 ignored; 0 measured; 7 filtered out; \
                  finished in 0.81s\n";
        assert_eq!(Line::parse(ok), result(15, 0, 2));
        let failed = "test result: FAILED. 6 passed; 9 failed; 0 ignored; 0 measured; 0 filtered \
                      out; finished in 25.39s";
        assert_eq!(Line::parse(failed), result(6, 9, 0));
    }

    #[test]
    fn a_program_without_tests_is_a_result_of_nothing() {
        let line = "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(Line::parse(line), result(0, 0, 0));
    }

    #[test]
    fn other_lines_are_no_result() {
        for line in [
            "",
            "running 3 tests",
            "test result: ok.",
            "test result: ok. many passed; 0 failed; 0 ignored",
            "test result: ok. 1 passed; 0 failed",
            "a test result: ok. 1 passed; 0 failed; 0 ignored",
            "test wire::decodes ... ok",
            "error: test failed, to rerun pass `-p cooee`",
        ] {
            assert_eq!(Line::parse(line), None, "{line}");
        }
    }

    #[test]
    fn failed_and_ignored_tests_are_named() {
        let name = "wire::decodes";
        assert_eq!(Line::parse("test wire::decodes ... FAILED"), Some(Line::Failed { name }));
        let ignored = Line::Ignored { name, reason: None };
        assert_eq!(Line::parse("test wire::decodes ... ignored"), Some(ignored));
        let ignored = Line::Ignored { name, reason: Some("slow, by design") };
        assert_eq!(Line::parse("test wire::decodes ... ignored, slow, by design"), Some(ignored));
        let name = "src/lib.rs - start (line 8)";
        let line = "test src/lib.rs - start (line 8) ... ignored";
        assert_eq!(Line::parse(line), Some(Line::Ignored { name, reason: None }));
    }

    #[test]
    fn a_list_names_tests_only() {
        let output = "a::b: test\nc: test\nd: benchmark\n\n2 tests, 1 benchmark\n";
        assert_eq!(listed(output), ["a::b", "c"]);
        assert_eq!(listed("\n0 tests, 0 benchmarks\n"), [""; 0]);
    }
}
