//! The system calls of a running program, as `strace` lists them.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use cooee_lab::netns::{Child, Signal};

use crate::programs::DEADLINE;

/// What a program called in ten seconds.
pub(crate) struct Traced {
    lines: Vec<String>,
}

impl Traced {
    /// Long enough for the short pauses between the first attempts.
    const SETTLES_WITHIN: f64 = 3.0;
    const LASTS: f64 = 10.0;

    /// The calls of ten seconds, after the program has had time to settle.
    pub(crate) fn settled(program: &Child, scenario: &str) -> Self {
        let name = format!("{}/calls-{scenario}", env!("CARGO_TARGET_TMPDIR"));
        let pid = program.pid().to_string();
        let mut command = std::process::Command::new("strace");
        let mut strace = Child::spawn(command.args(["-f", "-r", "-o", &name, "-p", &pid])).unwrap();
        strace.stderr_line_with("attached", DEADLINE).unwrap();
        sleep(Duration::from_secs_f64(Self::SETTLES_WITHIN + Self::LASTS));
        strace.signal(Signal::SIGTERM).unwrap();
        strace.wait(DEADLINE).unwrap();

        let mut at = 0.0;
        let listed = fs::read_to_string(&name).unwrap();
        let calls = listed.lines().filter(|line| {
            let since_the_last: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
            at += since_the_last;
            let is_call = !["resumed>", "+++", "---", "strace:"].iter().any(|it| line.contains(it));
            is_call && (Self::SETTLES_WITHIN..Self::SETTLES_WITHIN + Self::LASTS).contains(&at)
        });
        Self { lines: calls.map(str::to_owned).collect() }
    }

    pub(crate) fn calls_a_second(&self) -> f64 {
        self.lines.len() as f64 / Self::LASTS
    }

    /// Whether there was a call of this name.
    pub(crate) fn has(&self, call: &str) -> bool {
        let call = format!(" {call}(");
        self.lines.iter().any(|line| line.contains(&call))
    }
}
