//! One step of a run: a command, what it printed, and what that counts for.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, PipeReader};
use std::process::{Command, ExitStatus, Stdio};

use crate::libtest::{Line, Tally};
use crate::missing::Missing;

/// Says what a line that a test program prints tells.
pub(super) type Parser = fn(&str) -> Option<Line<'_>>;

pub(super) struct Step {
    pub(super) name: String,
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

    pub(super) fn new(name: &str) -> Self {
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

    pub(super) fn passes(&mut self, command: &mut Command) -> bool {
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

    pub(super) fn succeeds(&self, status: io::Result<ExitStatus>) -> bool {
        match status {
            Ok(status) => status.success(),
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

    pub(super) fn follow(
        &mut self,
        command: &mut Command,
        parse: Parser,
    ) -> io::Result<ExitStatus> {
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
