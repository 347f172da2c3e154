//! Running the binary without what the caller's environment says, and with deadlines.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use cooee::interface::LinkKind;
#[cfg(unix)]
use nix::sys::signal::{Signal, kill};
#[cfg(unix)]
use nix::unistd::Pid;

/// Far beyond what anything here takes, on a busy machine too.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// The variables that say where settings are, and where is kept what was found.
pub(crate) const SETTINGS: &str = if cfg!(windows) { "APPDATA" } else { "XDG_CONFIG_HOME" };
pub(crate) const STATE: &str = if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_STATE_HOME" };

/// What the service manager tells a service.
const OF_THE_MANAGER: [&str; 6] = [
    "LISTEN_FDNAMES",
    "LISTEN_FDS",
    "LISTEN_PID",
    "NOTIFY_SOCKET",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
];

/// The command under test: cargo's, or another that has to behave alike, such as a wheel's.
pub(crate) fn path() -> String {
    env::var("TESTED_COOEE").unwrap_or_else(|_| env!("CARGO_BIN_EXE_cooee").to_owned())
}

/// The command with these words, with an empty default file and no variable of ours.
pub(crate) fn cooee(words: &[&str]) -> Command {
    let mut command = program(&path());
    command.args(words);
    command
}

/// A program that starts the command, in the same environment.
pub(crate) fn program(name: &str) -> Command {
    let config = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-settings");
    fs::create_dir_all(config.join("cooee")).unwrap();
    fs::write(config.join("cooee/config.toml"), "").unwrap();
    let mut command = Command::new(name);
    for (name, _) in env::vars_os() {
        let ours = |name: &str| {
            ["COOEE_", "DISCOVERY_CLIENT_"].iter().any(|prefix| name.starts_with(prefix))
                || OF_THE_MANAGER.contains(&name)
        };
        if name.to_str().is_some_and(ours) {
            command.env_remove(name);
        }
    }
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).join("state");
    command.env(STATE, state).env("PROGRAMDATA", &config);
    command.env(SETTINGS, config).env("COLUMNS", "100").stdin(Stdio::null());
    command
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Done {
    /// Runs this command to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let run = |command: &mut Command| Self::from(spawn(command).wait_with_output().unwrap());
        let done = run(command);
        // What wine loses later looks like this, which nothing does that has run.
        if cfg!(windows) && done.is_silent_success() { run(command) } else { done }
    }

    fn is_silent_success(&self) -> bool {
        self.code == Some(0) && self.out.is_empty() && self.err.is_empty()
    }
}

/// Starts a command. Wine loses a process now and then before it runs, and has this error for it.
pub(crate) fn spawn(command: &mut Command) -> Child {
    const ERROR_INTERNAL_ERROR: i32 = 1359;
    let is_lost = |error: &io::Error| error.raw_os_error() == Some(ERROR_INTERNAL_ERROR);
    match command.spawn() {
        Err(error) if cfg!(windows) && is_lost(&error) => command.spawn().unwrap(),
        child => child.unwrap(),
    }
}

/// Runs the command to its end.
pub(crate) fn run(words: &[&str]) -> Done {
    Done::of(&mut cooee(words))
}

/// Runs the command with these variables to its end.
pub(crate) fn run_with(variables: &[(&str, &str)], words: &[&str]) -> Done {
    Done::of(cooee(words).envs(variables.iter().copied()))
}

/// The name of loopback, which is another on each system.
pub(crate) fn lo() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| {
        let all = cooee::interfaces().unwrap();
        all.into_iter().find(|i| i.kind == LinkKind::Loopback).unwrap().name
    });
    &NAME
}

/// `find` on loopback.
pub(crate) fn find(port: u16, words: &[&str]) -> Done {
    let port = port.to_string();
    run(&[&["find", "--interface", lo(), "--port", &port], words].concat())
}

/// A UDP port that nobody had a moment ago.
pub(crate) fn free_port() -> u16 {
    UdpSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port()
}

/// A command that runs, killed when dropped.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    pub(crate) port: u16,
}

impl Running {
    /// Starts `serve` on this port.
    pub(crate) fn serve_on(port: u16, words: &[&str]) -> Self {
        let mut command = cooee(&["serve", "--port", &port.to_string()]);
        Self::start(command.args(words), port)
    }

    /// Starts `serve` on a free port, and waits until it answers.
    pub(crate) fn serve(words: &[&str]) -> Self {
        // Another test may take the port first.
        (0..5)
            .map(|_| Self::serve_on(free_port(), words))
            .find(|serve| serve.saw("answering on").is_some())
            .unwrap()
    }

    pub(crate) fn start(command: &mut Command, port: u16) -> Self {
        let mut child = spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
        let errors = BufReader::new(child.stderr.take().unwrap());
        let (send, lines) = mpsc::channel();
        thread::spawn(move || errors.lines().map_while(Result::ok).try_for_each(|l| send.send(l)));
        Self { child, lines, port }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The next line on standard error that has this text; `None` if it ends without.
    pub(crate) fn saw(&self, text: &str) -> Option<String> {
        let end = Instant::now() + DEADLINE;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(text) => return Some(line),
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => panic!("no line with {text:?} came"),
            }
        }
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// Ends it without a word.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    /// Waits for its end; what it still said on standard error, and its exit code.
    pub(crate) fn end(mut self) -> (String, Option<i32>) {
        let end = Instant::now() + DEADLINE;
        let mut said = String::new();
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => said += &(line + "\n"),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end; it said {said:?}"),
            }
        }
        (said, self.child.wait().unwrap().code())
    }

    pub(crate) fn stdout(&mut self) -> BufReader<std::process::ChildStdout> {
        BufReader::new(self.child.stdout.take().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, or ends now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
