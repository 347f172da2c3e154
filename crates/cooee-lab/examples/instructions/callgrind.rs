//! One run of cooee under callgrind.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A process whose instructions are counted.
pub(crate) struct Counted {
    process: Killed,
    said: BufReader<ChildStderr>,
    /// Read all the time, so that nothing is held up.
    printed: JoinHandle<Vec<u8>>,
    counts: PathBuf,
}

/// A process that is killed when it is dropped, which it survives only if something panicked.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It has ended by itself, mostly.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How a process ended whose instructions were counted.
pub(crate) struct Finished {
    pub(crate) instructions: u64,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

const DEADLINE: Duration = Duration::from_secs(60);

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
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("valgrind starts");
        let said = BufReader::new(process.stderr.take().unwrap());
        let mut stdout = process.stdout.take().unwrap();
        let printed = std::thread::spawn(move || {
            let mut all = Vec::new();
            stdout.read_to_end(&mut all).unwrap();
            all
        });
        Self { process: Killed(process), said, printed, counts }
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
        let began = Instant::now();
        while !self.is_stopped() {
            assert!(began.elapsed() < DEADLINE, "it does not stop");
            std::thread::yield_now();
        }
        work();
        self.signal(Signal::SIGCONT);
    }

    fn is_stopped(&self) -> bool {
        let process = procfs::process::Process::new(self.process.0.id().cast_signed()).unwrap();
        let mut states =
            process.tasks().unwrap().map(|thread| thread.unwrap().stat().unwrap().state);
        states.all(|state| {
            assert_ne!(state, 'Z', "it has ended before all that it is to count was there");
            state == 'T'
        })
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.process.0.id().cast_signed()), signal).unwrap();
    }

    /// Ends it, and returns how many instructions it executed, and what it printed.
    pub(crate) fn finish(mut self) -> Finished {
        self.signal(Signal::SIGTERM);
        let mut stderr = String::new();
        self.said.read_to_string(&mut stderr).unwrap();
        let status = self.process.0.wait().unwrap();
        assert!(status.success(), "{status}: {stderr}");
        let stdout = String::from_utf8(self.printed.join().unwrap()).unwrap();
        let counts = std::fs::read_to_string(&self.counts).unwrap();
        std::fs::remove_file(&self.counts).unwrap();
        let total = counts.lines().find_map(|line| line.strip_prefix("totals: "));
        let instructions = total.expect("callgrind writes totals").trim().parse().unwrap();
        Finished { instructions, stdout, stderr }
    }
}
