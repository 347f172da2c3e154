//! The real binary on Windows.

#![cfg(windows)]
#![allow(clippy::unwrap_used, missing_docs)]

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::os::windows::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, GenerateConsoleCtrlEvent};
use windows_sys::Win32::System::Threading::CREATE_NEW_PROCESS_GROUP;

const DEADLINE: Duration = Duration::from_secs(20);

/// The command with these words, with no variable of ours and no settings but those in `home`.
fn cooee(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cooee"));
    for (name, _) in env::vars().filter(|(name, _)| name.starts_with("COOEE_")) {
        command.env_remove(name);
    }
    for name in ["APPDATA", "LOCALAPPDATA", "PROGRAMDATA"] {
        command.env(name, home.join(name));
    }
    command.args(words).stdin(Stdio::null());
    command
}

/// A configuration file that is wrong, and thereby shows that it is read.
fn wrong_settings(directory: &Path) {
    fs::create_dir_all(directory.join("cooee")).unwrap();
    fs::write(directory.join(r"cooee\config.toml"), "port = 0").unwrap();
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_configuration_file_is_the_users_else_the_hosts() {
    let home = tempfile::tempdir().unwrap();
    let read = || said(&cooee(home.path(), &["interfaces"]).output().unwrap());
    assert_eq!(read(), "");
    wrong_settings(&home.path().join("PROGRAMDATA"));
    assert!(read().contains(r"PROGRAMDATA\cooee\config.toml"), "{}", read());
    wrong_settings(&home.path().join("APPDATA"));
    assert!(read().contains(r"\APPDATA\cooee\config.toml"), "{}", read());
}

#[test]
fn a_file_on_the_current_drive_is_not_read() {
    let home = tempfile::tempdir().unwrap();
    let mut command = cooee(home.path(), &["interfaces"]);
    wrong_settings(&home.path().join("etc"));
    for directory in ["etc", r"\etc"] {
        command.env("PROGRAMDATA", directory).env("APPDATA", directory);
        let done = command.current_dir(home.path()).output().unwrap();
        assert!(done.status.success(), "{}", said(&done));
    }
}

/// A command in a group of its own, which alone can be sent Ctrl-Break.
struct Running(Child);

impl Running {
    fn start(home: &Path, words: &[&str]) -> Self {
        let mut command = cooee(home, words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command.creation_flags(CREATE_NEW_PROCESS_GROUP).spawn().unwrap())
    }

    fn interrupt(&self) {
        // SAFETY: it has no preconditions.
        let sent = unsafe { GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, self.0.id()) };
        assert_ne!(sent, 0, "{}", std::io::Error::last_os_error());
    }

    fn end(&mut self) -> Option<i32> {
        let end = Instant::now() + DEADLINE;
        while Instant::now() < end {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            std::thread::yield_now();
        }
        panic!("it does not end");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn ctrl_break_ends_a_server_in_good_order() {
    let home = tempfile::tempdir().unwrap();
    let port = UdpSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port();
    let mut serve = Running::start(home.path(), &["serve", "--port", &port.to_string()]);
    let mut lines = BufReader::new(serve.0.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("answering on") {
        line.clear();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "it ended");
    }
    serve.interrupt();
    let mut last_words = String::new();
    lines.read_to_string(&mut last_words).unwrap();
    assert_eq!(serve.end(), Some(0), "{last_words}");
    assert!(last_words.contains("answered"), "{last_words}");
}

#[test]
fn ctrl_break_ends_a_search_with_what_it_has_found() {
    let home = tempfile::tempdir().unwrap();
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    silent.set_read_timeout(Some(DEADLINE)).unwrap();
    let host = silent.local_addr().unwrap().to_string();
    let words = ["find", "--timeout", "60s", "--wait", "full", "--format", "json", "--host", &host];
    let mut find = Running::start(home.path(), &words);
    // With the second probe it is past its start.
    for _ in 0..2 {
        silent.recv_from(&mut [0; 64]).unwrap();
    }
    find.interrupt();
    let mut printed = String::new();
    find.0.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    assert_eq!((find.end(), printed.trim()), (Some(1), "[]"));
}
