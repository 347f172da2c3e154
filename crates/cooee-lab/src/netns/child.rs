use std::io::{BufRead, BufReader, Read};
use std::process::{self, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::namespace::describe;
use super::{LabError, Stream, eventually};

/// A running program, killed by pid and waited for when this is dropped.
#[derive(Debug)]
pub struct Child {
    process: process::Child,
    stdout: Output,
    stderr: Output,
}

/// What a program left behind when it ended by itself.
#[derive(Clone, Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// Everything it wrote to standard output, also what was read line by line before.
    pub stdout: String,
    /// Everything it wrote to standard error, also what was read line by line before.
    pub stderr: String,
}

impl Child {
    /// Starts a command under guard, with both output streams captured and nothing to read.
    ///
    /// # Errors
    /// `Start`: the program does not exist or may not be executed.
    pub fn spawn(command: &mut Command) -> Result<Self, LabError> {
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| LabError::Start { command: describe(command, ""), source })?;
        let stdout = Output::read(process.stdout.take());
        let stderr = Output::read(process.stderr.take());
        Ok(Self { process, stdout, stderr })
    }

    /// The program's own pid.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The next line of standard output, without its end.
    ///
    /// # Errors
    /// `NoLine`: none came in time, waiting longer may help; `Closed`: none will come.
    pub fn stdout_line(&mut self, within: Duration) -> Result<String, LabError> {
        self.line(Stream::Stdout, within, "")
    }

    /// The next line of standard output that contains `part`; the lines before it are passed.
    ///
    /// # Errors
    /// `NoLine`: none came in time, waiting longer may help; `Closed`: none will come.
    pub fn stdout_line_with(&mut self, part: &str, within: Duration) -> Result<String, LabError> {
        self.line(Stream::Stdout, within, part)
    }

    /// The next line of standard error that contains `part`; the lines before it are passed.
    ///
    /// # Errors
    /// `NoLine`: none came in time, waiting longer may help; `Closed`: none will come.
    pub fn stderr_line_with(&mut self, part: &str, within: Duration) -> Result<String, LabError> {
        self.line(Stream::Stderr, within, part)
    }

    fn line(&mut self, stream: Stream, within: Duration, part: &str) -> Result<String, LabError> {
        let deadline = Instant::now() + within;
        let output = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        let end = loop {
            match output.next(deadline) {
                Ok(line) if line.contains(part) => return Ok(line),
                Ok(_) => {}
                Err(end) => break end,
            }
        };
        let (pid, seen) = (self.pid(), self.seen());
        Err(match end {
            RecvTimeoutError::Timeout => LabError::NoLine { pid, stream, within, seen },
            RecvTimeoutError::Disconnected => LabError::Closed { pid, stream, seen },
        })
    }

    /// Waits for the program to end by itself.
    ///
    /// # Errors
    /// `StillRuns`: not in time, waiting longer may help.
    pub fn wait(&mut self, within: Duration) -> Result<ExitStatus, LabError> {
        eventually(within, || self.status().transpose()).unwrap_or_else(|| {
            Err(LabError::StillRuns { pid: self.pid(), within, seen: self.seen() })
        })
    }

    /// Waits for the program to end by itself, and hands over all that it wrote.
    ///
    /// # Errors
    /// `StillRuns`: it, or a child of it that holds the streams open, did not end in time.
    pub fn finish(mut self, within: Duration) -> Result<Finished, LabError> {
        let deadline = Instant::now() + within;
        let status = self.wait(within)?;
        if !(self.stdout.drain(deadline) && self.stderr.drain(deadline)) {
            return Err(LabError::StillRuns { pid: self.pid(), within, seen: self.seen() });
        }
        Ok(Finished {
            status,
            stdout: std::mem::take(&mut self.stdout.seen),
            stderr: std::mem::take(&mut self.stderr.seen),
        })
    }

    /// Sends a signal to the program.
    ///
    /// # Errors
    /// `Ended`: it is gone already.
    pub fn signal(&mut self, signal: Signal) -> Result<(), LabError> {
        let pid = self.pid();
        if let Some(status) = self.status()? {
            return Err(LabError::Ended { pid, status });
        }
        kill(Pid::from_raw(pid.cast_signed()), signal)
            .map_err(|errno| LabError::system(format!("send {signal} to pid {pid}"), errno))
    }

    fn status(&mut self) -> Result<Option<ExitStatus>, LabError> {
        let pid = self.pid();
        self.process
            .try_wait()
            .map_err(|source| LabError::system(format!("wait for pid {pid}"), source))
    }

    fn seen(&mut self) -> String {
        let now = Instant::now();
        self.stdout.drain(now);
        self.stderr.drain(now);
        format!("{}{}", self.stdout.seen, self.stderr.seen)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail only for a program that has been waited for.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One output stream, read by a thread of its own so that the program never blocks.
#[derive(Debug)]
struct Output {
    lines: Receiver<String>,
    seen: String,
}

impl Output {
    fn read(source: Option<impl Read + Send + 'static>) -> Self {
        let (sender, lines) = channel();
        if let Some(source) = source {
            thread::spawn(move || {
                let mut source = BufReader::new(source);
                let mut line = Vec::new();
                while source.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                    if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                        break;
                    }
                    line.clear();
                }
            });
        }
        Self { lines, seen: String::new() }
    }

    fn next(&mut self, deadline: Instant) -> Result<String, RecvTimeoutError> {
        let left = deadline.saturating_duration_since(Instant::now());
        let line = self.lines.recv_timeout(left)?;
        self.seen.push_str(&line);
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Reads what is there until the deadline; says whether the stream came to its end.
    fn drain(&mut self, deadline: Instant) -> bool {
        loop {
            match self.next(deadline) {
                Ok(_) => {}
                Err(end) => return end == RecvTimeoutError::Disconnected,
            }
        }
    }
}
