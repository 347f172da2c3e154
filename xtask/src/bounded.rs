//! Commands with a deadline, after which they are ended with all that they began.

mod group;
#[cfg(test)]
mod tests;

use std::io::{self, BufRead, BufReader, PipeReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// Seven times what the longest step takes on two cores, which is the lab.
pub(crate) const LIMIT: Duration = Duration::from_secs(3600);
/// How long more is awaited from what an ended command left behind with its output.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked whether a command that says nothing has ended.
const LOOK: Duration = Duration::from_millis(20);

/// How a command came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself.
    Own(ExitStatus),
    /// It was killed after so long.
    Killed(Duration),
}

/// What of a command's output is read. The rest goes where this program's goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    Standard,
    StandardAndErrors,
}

/// Runs a command, and hands out its output line by line as it comes.
pub(crate) fn run(
    command: &mut Command,
    output: Output,
    limit: Duration,
    mut hear: impl FnMut(&str),
) -> io::Result<End> {
    let (reader, writer) = io::pipe()?;
    if output == Output::StandardAndErrors {
        command.stderr(writer.try_clone()?);
    }
    command.stdout(writer);
    let started = Running::start(command, limit);
    // The command holds the other end until then, and the output would never end.
    command.stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let mut running = started?;
    let lines = lines(reader);
    let mut ended = None;
    loop {
        match lines.recv_timeout(LOOK) {
            Ok(line) => hear(&line),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return running.wait(),
        }
        match ended {
            None => ended = running.look()?.map(|end| (end, Instant::now())),
            Some((end, since)) if since.elapsed() > PATIENCE => {
                lines.try_iter().for_each(|line| hear(&line));
                println!("a process that outlived the command holds its output; going on without");
                return Ok(end);
            }
            Some(_) => {}
        }
    }
}

/// Runs a command whose output goes where it is told to.
pub(crate) fn wait(command: &mut Command, limit: Duration) -> io::Result<End> {
    Running::start(command, limit)?.wait()
}

/// What a command prints, if it succeeds.
pub(crate) fn read(command: &mut Command, limit: Duration) -> io::Result<String> {
    let mut text = String::new();
    let end = run(command, Output::Standard, limit, |line| text.push_str(line))?;
    match end {
        End::Own(status) if status.success() => Ok(text),
        End::Own(status) => Err(io::Error::other(format!("it failed: {status}"))),
        End::Killed(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// The lines, with their ends, read by a thread of its own: what holds the other end may outlive
/// the command.
fn lines(output: PipeReader) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
            line.clear();
        }
    });
    receiver
}

/// A command that runs, the leader of a group of processes. It is killed when this is dropped before its end.
struct Running {
    child: Child,
    began: Instant,
    limit: Duration,
    end: Option<End>,
}

impl Running {
    fn start(command: &mut Command, limit: Duration) -> io::Result<Self> {
        // A group in the background that read from a terminal would be stopped.
        command.stdin(Stdio::null());
        let child = group::spawn(command)?;
        Ok(Self { child, began: Instant::now(), limit, end: None })
    }

    /// How it ended, if it has. It is killed when it is late.
    fn look(&mut self) -> io::Result<Option<End>> {
        if self.end.is_none() {
            self.end = match self.child.try_wait()? {
                Some(status) => Some(End::Own(status)),
                None if self.began.elapsed() > self.limit => {
                    self.kill();
                    Some(End::Killed(self.limit))
                }
                None => None,
            };
        }
        Ok(self.end)
    }

    fn wait(mut self) -> io::Result<End> {
        loop {
            match self.look()? {
                Some(end) => return Ok(end),
                None => thread::sleep(LOOK),
            }
        }
    }

    fn kill(&mut self) {
        group::kill(&mut self.child);
        // It is dead, or never was.
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.end.is_none() {
            self.kill();
        }
        group::forget(&self.child);
    }
}
