//! Runs steps, adds up what came of them, and tells it at the end.

mod passed;
mod step;
#[cfg(test)]
mod tests;

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use crate::bounded;
use crate::inputs::Inputs;
use crate::libtest::{Line, Tally};
use crate::missing::Missing;
use crate::pytest;
use crate::workspace::Workspace;
use passed::{Outcome, Passed};
use step::{Parser, Step};

/// Runs steps one after the other, goes on after a failure, and adds up.
pub(crate) struct Report {
    total: Tally,
    failures: Vec<String>,
    /// What commands that failed printed last, since a log of CI may be cut.
    last_words: Vec<(String, Vec<String>)>,
    skips: Vec<Missing>,
    /// What the sources except by name, which is skipped in CI too.
    exceptions: Vec<Missing>,
    strictness: Strictness,
    /// How long each command may take.
    limit: Duration,
    passed: Option<Passed>,
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
            exceptions: vec![],
            strictness,
            limit: bounded::LIMIT,
            passed: None,
        }
    }

    /// As [`new`](Self::new), for a run that leaves out what passed before.
    pub(crate) fn remembering(strictness: Strictness, workspace: &Workspace) -> Self {
        let passed = Passed::in_directory(workspace.target().join("passed"));
        Self { passed: Some(passed), ..Self::new(strictness) }
    }

    /// As this one, whose commands may take so much longer.
    pub(crate) fn with_more_time(self, more: Duration) -> Self {
        Self { limit: self.limit + more, ..self }
    }

    /// Does a part of the run, unless the same part passed before with the same inputs.
    pub(crate) fn part(&mut self, name: &str, inputs: &Inputs, work: impl FnOnce(&mut Self)) {
        let before = self.passed.as_ref().and_then(|passed| passed.recall(name, inputs));
        if let Some(Outcome { tally, exceptions }) = before {
            let Tally { passed, failed, skipped } = tally;
            println!("==> {name}");
            println!(
                "<== {name}: {passed} passed, {failed} failed, {skipped} skipped; passed before, \
                 unchanged"
            );
            self.total += tally;
            self.exceptions.extend(exceptions);
            return;
        }
        let (total, skips, exceptions) = (self.total, self.skips.len(), self.exceptions.len());
        work(self);
        let tally = self.total - total;
        if tally.failed == 0 && tally.passed > 0 && self.skips.len() == skips {
            let exceptions = self.exceptions.split_off(exceptions);
            let outcome = Outcome { tally, exceptions };
            if let Some(passed) = &self.passed {
                passed.note(name, inputs, &outcome);
            }
            self.exceptions.extend(outcome.exceptions);
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
            let succeeded = step.follow(command, parse);
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

    /// As [`except`](Self::except), for tests among those that are listed. It is a failure when they do
    /// not have such a name: the exception has outlived its test.
    pub(crate) fn except_listed(
        &mut self,
        name: &str,
        tests: Vec<Missing>,
        list: impl FnOnce() -> anyhow::Result<Vec<String>>,
    ) {
        self.judge(name, || {
            let there = list()?;
            let is_there = |test: &&Missing| there.contains(&test.what);
            let gone: Vec<_> = tests.iter().filter(|test| !is_there(test)).collect();
            let names: Vec<_> = gone.iter().map(|test| test.what.as_str()).collect();
            anyhow::ensure!(names.is_empty(), "no test has the name {}", names.join(", or "));
            Ok(())
        });
        self.except(tests);
    }

    /// Counts tests that the sources except by name, each with the reason.
    pub(crate) fn except(&mut self, tests: impl IntoIterator<Item = Missing>) {
        let before = self.exceptions.len();
        self.exceptions.extend(tests);
        self.total.skipped += self.exceptions.len() - before;
    }

    fn step(&mut self, name: &str, work: impl FnOnce(&mut Step)) -> Tally {
        println!("==> {name}");
        let began = Instant::now();
        let mut step = Step::new(name, self.limit);
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

    /// The totals as they count: in CI nothing may be skipped but what is excepted.
    fn verdict(&self) -> Tally {
        let Tally { passed, failed, skipped } = self.total;
        match self.strictness {
            Strictness::Lenient => self.total,
            Strictness::Strict => {
                let excepted = self.exceptions.len();
                Tally { passed, failed: failed + skipped - excepted, skipped: excepted }
            }
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
            Strictness::Strict => "failed, as nothing else may be skipped in CI",
        };
        for exception in &self.exceptions {
            println!("skipped: {exception}");
        }
        for skip in &self.skips {
            println!("{verb}: {skip}");
        }
        println!("{passed} passed, {failed} failed, {skipped} skipped");
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
