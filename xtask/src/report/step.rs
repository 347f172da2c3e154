//! One step of a run: a command, what it printed, and what that counts for.

use std::collections::VecDeque;
use std::io;
use std::process::Command;
use std::time::Duration;

use humantime::format_duration;

use crate::bounded::{self, End, Output};
use crate::libtest::{Line, Tally};
use crate::missing::Missing;

/// Says what a line that a test program prints tells.
pub(super) type Parser = fn(&str) -> Option<Line<'_>>;

pub(super) struct Step {
    pub(super) name: String,
    /// How long each of its commands may take.
    limit: Duration,
    pub(super) tally: Tally,
    pub(super) programs: usize,
    pub(super) failures: Vec<String>,
    /// What a command that is no test program printed last.
    pub(super) last_lines: VecDeque<String>,
    pub(super) skips: Vec<Missing>,
}

impl Step {
    /// Lines that are kept.
    pub(super) const LAST_LINES: usize = 30;

    pub(super) fn new(name: &str, limit: Duration) -> Self {
        let name = name.to_owned();
        Self {
            name,
            limit,
            tally: Tally::default(),
            programs: 0,
            failures: vec![],
            last_lines: VecDeque::new(),
            skips: vec![],
        }
    }

    /// Whether the command succeeds. What it prints is shown as it comes, and the last of it kept.
    pub(super) fn passes(&mut self, command: &mut Command) -> bool {
        let mut last_lines = std::mem::take(&mut self.last_lines);
        let end = bounded::run(command, Output::StandardAndErrors, self.limit, |line| {
            print!("{line}");
            if last_lines.len() == Self::LAST_LINES {
                last_lines.pop_front();
            }
            last_lines.push_back(line.trim_end().to_owned());
        });
        self.last_lines = last_lines;
        self.succeeds(end)
    }

    fn succeeds(&mut self, end: io::Result<End>) -> bool {
        match end {
            Ok(End::Own(status)) => status.success(),
            Ok(End::Killed(limit)) => {
                self.fail(&format!(
                    "it was killed, as it was not over after {}",
                    format_duration(limit)
                ));
                false
            }
            Err(error) => {
                println!("cannot run {}: {error}", self.name);
                false
            }
        }
    }

    pub(super) fn fail(&mut self, why: &str) {
        self.tally.failed += 1;
        self.failures.push(format!("{}: {why}", self.name));
    }

    /// As [`passes`](Self::passes), for a command that prints what tests came to.
    pub(super) fn follow(&mut self, command: &mut Command, parse: Parser) -> bool {
        let end = bounded::run(command, Output::Standard, self.limit, |line| {
            print!("{line}");
            self.hear(parse(line));
        });
        self.succeeds(end)
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
