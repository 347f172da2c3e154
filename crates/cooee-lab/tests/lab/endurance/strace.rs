//! System calls that fail because `strace` makes them fail.

use std::io;

use cooee_lab::netns::{Child, Host, Signal};
use nix::errno::Errno;

use crate::programs::{DEADLINE, cooee};

/// What the system says of an error, by its name.
pub(super) fn words(error: &str) -> String {
    let code = (1..200).find(|&code| format!("{:?}", Errno::from_raw(code)) == error);
    io::Error::from_raw_os_error(code.unwrap()).to_string()
}

/// What is to happen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault<'a> {
    pub(crate) call: &'a str,
    pub(crate) error: &'a str,
    /// Which of the calls fail, in the words of strace: `1+` are all of them, `1+2` every second.
    pub(crate) when: &'a str,
}

impl Fault<'_> {
    fn options(self) -> [String; 5] {
        let Self { call, error, when } = self;
        let inject = format!("inject={call}:error={error}:when={when}");
        ["-f".into(), "-e".into(), format!("trace={call}"), "-e".into(), inject]
    }

    /// From now on, in a program that runs.
    pub(crate) fn inject(self, host: &Host, pid: u32) -> Injected {
        let target = ["-o", "/dev/null", "-p", &pid.to_string()].map(str::to_owned);
        let mut strace = host.spawn("strace", self.options().iter().chain(&target)).unwrap();
        strace.stderr_line_with("attached", DEADLINE).unwrap();
        Injected(strace)
    }

    /// In a `cooee` of its own, from its start. It says on standard error which calls there were.
    pub(super) fn run(self, host: &Host, arguments: &[&str]) -> Child {
        let mut command = host.command("strace");
        command.args(self.options()).arg(cooee()).args(arguments);
        Child::spawn(&mut command).unwrap()
    }
}

/// A fault in a running program. The program outlives it.
pub(crate) struct Injected(Child);

impl Injected {
    pub(crate) fn lift(mut self) {
        // Killed, it would leave the program in the middle of a call.
        self.0.signal(Signal::SIGTERM).unwrap();
        self.0.wait(DEADLINE).unwrap();
    }
}
