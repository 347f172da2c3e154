use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, PipeReader};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::Instant;

use crate::libtest::{Line, Tally};
use crate::missing::Missing;
use crate::pytest;

/// Says what a line that a test program prints tells.
type Parser = fn(&str) -> Option<Line<'_>>;

/// Runs steps one after the other, goes on after a failure, and adds up.
pub(crate) struct Report {
    total: Tally,
    failures: Vec<String>,
    /// What commands that failed printed last, since a log of CI may be cut.
    last_words: Vec<(String, Vec<String>)>,
    skips: Vec<Missing>,
    strictness: Strictness,
}

/// What has to run at the least, or something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Least {
    Program,
    Test,
}

/// What becomes of a test that cannot run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// It counts as skipped.
    Lenient,
    /// It counts as failed.
    Strict,
}

impl Strictness {
    /// Strict in CI, where everything must run.
    pub(crate) fn from_environment() -> Self {
        if std::env::var_os("CI").is_some_and(|ci| ci == "true") {
            Self::Strict
        } else {
            Self::Lenient
        }
    }
}

impl Report {
    pub(crate) fn new(strictness: Strictness) -> Self {
        Self {
            total: Tally::default(),
            failures: vec![],
            last_words: vec![],
            skips: vec![],
            strictness,
        }
    }

    /// A step that is one check: it counts as one passed or one failed.
    pub(crate) fn check(&mut self, name: &str, command: &mut Command) {
        self.step(name, |step| {
            let passed = step.passes(command);
            step.tally = Tally { passed: passed.into(), failed: (!passed).into(), skipped: 0 };
        });
    }

    /// As [`check`](Self::check), for what this program finds out itself.
    pub(crate) fn judge(&mut self, name: &str, judge: impl FnOnce() -> anyhow::Result<()>) {
        self.step(name, |step| {
            let verdict = judge();
            if let Err(objection) = &verdict {
                println!("{objection:#}");
            }
            let passed = verdict.is_ok();
            step.tally = Tally { passed: passed.into(), failed: (!passed).into(), skipped: 0 };
        });
    }

    /// A step that others rest on: it counts only when it fails. Says whether it succeeded.
    pub(crate) fn prepare(&mut self, name: &str, command: &mut Command) -> bool {
        let tally = self.step(name, |step| {
            step.tally.failed = (!step.passes(command)).into();
        });
        tally.failed == 0
    }

    /// A step that is a run of `cargo test`: its tests are counted, and its output is shown as
    /// it comes.
    pub(crate) fn tests(&mut self, name: &str, command: &mut Command) {
        self.follow(name, command, |line| Line::parse(line), Least::Program);
    }

    /// As [`tests`](Self::tests), of which some were chosen by name: none of that name is a failure.
    pub(crate) fn chosen_tests(&mut self, name: &str, command: &mut Command) {
        self.follow(name, command, |line| Line::parse(line), Least::Test);
    }

    /// As [`tests`](Self::tests), for a run of pytest.
    pub(crate) fn pytest(&mut self, name: &str, command: &mut Command) {
        self.follow(name, command, pytest::parse, Least::Program);
    }

    fn follow(&mut self, name: &str, command: &mut Command, parse: Parser, least: Least) {
        self.step(name, |step| {
            let status = step.follow(command, parse);
            let succeeded = step.succeeds(status);
            if succeeded && step.programs == 0 {
                step.fail("it ran no test program");
            } else if succeeded && least == Least::Test && step.tally == Tally::default() {
                step.fail("no test has such a name");
            } else if !succeeded && step.tally.failed == 0 {
                step.fail("it ended before its tests did");
            }
        });
    }

    /// Counts tests that cannot run, for each of the reasons given.
    pub(crate) fn skip(&mut self, count: usize, reasons: impl IntoIterator<Item = Missing>) {
        self.total.skipped += count;
        self.skips.extend(reasons);
    }

    fn step(&mut self, name: &str, work: impl FnOnce(&mut Step)) -> Tally {
        println!("==> {name}");
        let began = Instant::now();
        let mut step = Step::new(name);
        work(&mut step);
        let Tally { passed, failed, skipped } = step.tally;
        let seconds = began.elapsed().as_secs_f64();
        println!("<== {name}: {passed} passed, {failed} failed, {skipped} skipped, {seconds:.1} s");
        if failed > 0 && step.failures.is_empty() {
            step.failures.push(name.to_owned());
        }
        self.total += step.tally;
        if failed > 0 && !step.last_lines.is_empty() {
            self.last_words.push((name.to_owned(), step.last_lines.into()));
        }
        self.failures.append(&mut step.failures);
        self.skips.append(&mut step.skips);
        step.tally
    }

    /// The totals as they count: in CI nothing may be skipped.
    fn verdict(&self) -> Tally {
        let Tally { passed, failed, skipped } = self.total;
        match self.strictness {
            Strictness::Lenient => self.total,
            Strictness::Strict => Tally { passed, failed: failed + skipped, skipped: 0 },
        }
    }

    /// Prints what failed, what was skipped and why, and the totals as the last line.
    pub(crate) fn finish(self) -> ExitCode {
        let Tally { passed, failed, skipped } = self.verdict();
        println!();
        for failure in &self.failures {
            println!("failed: {failure}");
        }
        for (step, lines) in &self.last_words {
            println!("the last lines of {step}:");
            lines.iter().for_each(|line| println!("    {line}"));
        }
        let verb = match self.strictness {
            Strictness::Lenient => "skipped",
            Strictness::Strict => "failed, as nothing may be skipped in CI",
        };
        for skip in &self.skips {
            println!("{verb}: {skip}");
        }
        println!("{passed} passed, {failed} failed, {skipped} skipped");
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

struct Step {
    name: String,
    tally: Tally,
    programs: usize,
    failures: Vec<String>,
    /// What a command that is no test program printed last.
    last_lines: VecDeque<String>,
    skips: Vec<Missing>,
}

impl Step {
    /// Lines that are kept.
    const LAST_LINES: usize = 30;

    fn new(name: &str) -> Self {
        let name = name.to_owned();
        Self {
            name,
            tally: Tally::default(),
            programs: 0,
            failures: vec![],
            last_lines: VecDeque::new(),
            skips: vec![],
        }
    }

    fn passes(&mut self, command: &mut Command) -> bool {
        let status = self.relay(command);
        self.succeeds(status)
    }

    /// Shows what the command prints as it comes, and keeps the last of it.
    fn relay(&mut self, command: &mut Command) -> io::Result<ExitStatus> {
        let (output, input) = io::pipe()?;
        command.stdout(input.try_clone()?).stderr(input);
        let spawned = command.spawn();
        // The command holds the other end until then, and the output would never end.
        command.stdout(Stdio::inherit()).stderr(Stdio::inherit());
        let mut child = spawned?;
        self.keep_last_lines(output)?;
        child.wait()
    }

    fn keep_last_lines(&mut self, output: PipeReader) -> io::Result<()> {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line)? > 0 {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            if self.last_lines.len() == Self::LAST_LINES {
                self.last_lines.pop_front();
            }
            self.last_lines.push_back(text.trim_end().to_owned());
            line.clear();
        }
        Ok(())
    }

    fn succeeds(&self, status: io::Result<ExitStatus>) -> bool {
        match status {
            Ok(status) => status.success(),
            Err(error) => {
                println!("cannot run {}: {error}", self.name);
                false
            }
        }
    }

    fn fail(&mut self, why: &str) {
        self.tally.failed += 1;
        self.failures.push(format!("{}: {why}", self.name));
    }

    fn follow(&mut self, command: &mut Command, parse: Parser) -> io::Result<ExitStatus> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        if let Some(output) = child.stdout.take() {
            let mut output = BufReader::new(output);
            let mut line = Vec::new();
            while output.read_until(b'\n', &mut line)? > 0 {
                let text = String::from_utf8_lossy(&line);
                print!("{text}");
                self.hear(parse(&text));
                line.clear();
            }
        }
        child.wait()
    }

    fn hear(&mut self, line: Option<Line<'_>>) {
        match line {
            Some(Line::Result(tally)) => {
                self.tally += tally;
                self.programs += 1;
            }
            Some(Line::Failed { name }) => self.failures.push(format!("{}: {name}", self.name)),
            Some(Line::Ignored { name, reason }) => self.skips.push(Missing::new(
                name,
                reason.unwrap_or("it is marked as ignored"),
                "run it by its name",
            )),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn total(script: &str, strictness: Strictness) -> Tally {
        let mut report = Report::new(strictness);
        report.tests("tests", &mut shell(script));
        report.verdict()
    }

    const MIXED: &str = "echo 'test a ... ignored, slow'; \
        echo 'test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out'; \
        echo 'test b ... FAILED'; \
        echo 'test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured'; exit 101";

    #[test]
    fn programs_are_added_up() {
        let expected = Tally { passed: 5, failed: 1, skipped: 1 };
        assert_eq!(total(MIXED, Strictness::Lenient), expected);
    }

    #[test]
    fn nothing_is_skipped_in_ci() {
        let expected = Tally { passed: 5, failed: 2, skipped: 0 };
        assert_eq!(total(MIXED, Strictness::Strict), expected);
    }

    #[test]
    fn a_run_without_test_programs_fails() {
        let one_failed = Tally { passed: 0, failed: 1, skipped: 0 };
        assert_eq!(total("exit 0", Strictness::Lenient), one_failed);
        assert_eq!(total("exit 101", Strictness::Lenient), one_failed);
    }

    #[test]
    fn names_that_no_test_has_are_a_failure() {
        let script = "echo 'test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured'";
        let mut report = Report::new(Strictness::Lenient);
        report.tests("all", &mut shell(script));
        report.chosen_tests("some", &mut shell(script));
        assert_eq!(report.verdict(), Tally { passed: 0, failed: 1, skipped: 0 });
        assert_eq!(report.failures, ["some: no test has such a name"]);
    }

    #[test]
    fn a_crash_between_good_results_fails() {
        let script = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored'; exit 101";
        let expected = Tally { passed: 2, failed: 1, skipped: 0 };
        assert_eq!(total(script, Strictness::Lenient), expected);
    }

    #[test]
    fn checks_count_and_preparations_do_not() {
        let mut report = Report::new(Strictness::Lenient);
        report.check("good", &mut shell("exit 0"));
        report.check("bad", &mut shell("exit 1"));
        report.check("absent", &mut Command::new("no-such-program"));
        report.judge("judged", || Ok(()));
        report.judge("condemned", || anyhow::bail!("it is wrong"));
        assert!(report.prepare("built", &mut shell("exit 0")));
        assert!(!report.prepare("broken", &mut shell("exit 1")));
        assert_eq!(report.verdict(), Tally { passed: 2, failed: 4, skipped: 0 });
        assert_eq!(report.failures, ["bad", "absent", "condemned", "broken"]);
    }

    #[test]
    fn what_failed_is_quoted_at_the_end() {
        let mut report = Report::new(Strictness::Lenient);
        report.check("good", &mut shell("echo fine"));
        report.check("bad", &mut shell("seq 40; echo why >&2; exit 1"));
        let [(step, lines)] = report.last_words.as_slice() else { panic!("one has failed") };
        assert_eq!(step, "bad");
        assert_eq!(lines.len(), Step::LAST_LINES);
        assert_eq!(lines[0], "12");
        assert_eq!(lines.last().map(String::as_str), Some("why"));
    }
}
