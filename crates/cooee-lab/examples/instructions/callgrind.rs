//! One run of cooee under callgrind.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A process whose instructions are counted.
pub(crate) struct Counted {
    process: Child,
    said: BufReader<ChildStderr>,
    counts: PathBuf,
}

impl Counted {
    /// Starts cooee.
    pub(crate) fn start(arguments: &[String]) -> Self {
        let counts = std::env::temp_dir().join(format!("cooee-{}.callgrind", std::process::id()));
        let mut process = Command::new("valgrind")
            .args(["--tool=callgrind", "--quiet", "--error-exitcode=9"])
            .arg(format!("--callgrind-out-file={}", counts.display()))
            .arg(std::env::var_os("COOEE_BIN").expect("set by `cargo xtask instructions`"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("valgrind starts");
        let said = BufReader::new(process.stderr.take().unwrap());
        Self { process, said, counts }
    }

    /// Waits for a line with `text` in it.
    pub(crate) fn wait_for_line_with(&mut self, text: &str) {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            let length = self.said.read_line(&mut line).unwrap();
            assert!(length > 0, "it ended without saying {text:?}");
        }
    }

    /// While `work` goes on, no instruction is executed.
    pub(crate) fn while_stopped(&self, work: impl FnOnce()) {
        self.signal(Signal::SIGSTOP);
        while !self.is_stopped() {
            std::thread::yield_now();
        }
        work();
        self.signal(Signal::SIGCONT);
    }

    fn is_stopped(&self) -> bool {
        let process = procfs::process::Process::new(self.process.id().cast_signed()).unwrap();
        let mut threads = process.tasks().unwrap();
        threads.all(|thread| thread.unwrap().stat().unwrap().state == 'T')
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.process.id().cast_signed()), signal).unwrap();
    }

    /// Waits for its end, and returns how many instructions it executed.
    pub(crate) fn finish(mut self) -> u64 {
        let status = self.process.wait().unwrap();
        assert!(matches!(status.code(), Some(0 | 1)), "{status}");
        let counts = std::fs::read_to_string(&self.counts).unwrap();
        std::fs::remove_file(&self.counts).unwrap();
        let total = counts.lines().find_map(|line| line.strip_prefix("totals: "));
        total.expect("callgrind writes totals").trim().parse().unwrap()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        // Ended already unless something panicked.
        let _ = self.process.kill();
    }
}
