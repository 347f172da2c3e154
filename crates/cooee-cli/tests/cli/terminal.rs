//! What stands on a terminal.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Child, Command};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Instant;

use nix::pty::{Winsize, openpty};

use crate::support::{DEADLINE, Running, cooee, free_port, lo, spawn};

/// A command on a terminal of 24 rows and 80 columns, killed when dropped.
struct Terminal {
    child: Child,
    output: Receiver<Vec<u8>>,
    /// What was written to it until now.
    written: String,
}

impl Terminal {
    fn start(command: &mut Command) -> Self {
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(&size, None).unwrap();
        let end = || OwnedFd::try_clone(&pty.slave).unwrap();
        command.stdin(end()).stdout(end()).stderr(end()).env("TERM", "xterm");
        let child = spawn(command);
        let mut master = File::from(pty.master);
        let (send, output) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = master.read(&mut bytes)
                && send.send(bytes[..length].to_vec()).is_ok()
            {}
        });
        Self { child, output, written: String::new() }
    }

    /// `watch` on loopback.
    fn watch(port: u16, words: &[&str]) -> Self {
        let port = port.to_string();
        let common = ["watch", "--no-mdns", "--interface", lo(), "--port", &port];
        Self::start(&mut cooee(&[&common[..], words].concat()))
    }

    /// Waits until what was written is like this.
    fn until(&mut self, is_it: impl Fn(&str) -> bool) -> &str {
        let end = Instant::now() + DEADLINE;
        while !is_it(&self.written) {
            let rest = end.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.output.recv_timeout(rest) else { panic!("{:?}", self.written) };
            self.written += &String::from_utf8_lossy(&bytes);
        }
        &self.written
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended already, or ends now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_that_is_gone_is_called_so_where_the_row_is_cut() {
    let mut serve = Running::serve(&["--service-port", "8443"]);
    let mut terminal = Terminal::watch(serve.port, &[]);
    terminal.until(|written| written.contains("watching: 1 server;"));
    serve.kill();
    let written = terminal.until(|written| {
        written.rfind("watching: 0 servers;") > written.rfind("watching: 1 server;")
    });
    let gone = written.rsplit('\n').find(|line| line.contains("127.0.0.1:8443")).unwrap();
    assert!(["gone (refused)", "gone (silent)"].iter().any(|how| gone.contains(how)), "{gone:?}");
}

#[test]
fn what_is_logged_stands_above_the_table_of_watch() {
    let serve = Running::serve(&[]);
    let mut terminal = Terminal::watch(serve.port, &["-v"]);
    let written = terminal.until(|written| {
        written.contains("watching: 1 server;") && written.matches("info:").count() > 9
    });
    let written = written.replace('\r', "");
    let after = written.split("Ctrl-C ends it\n\x1b[?7h").skip(1);
    for after in after.filter(|after| !after.is_empty()) {
        assert!(after.starts_with("\x1b["), "the table is not taken back: {after:?}");
    }
}

#[test]
fn what_is_logged_stands_above_the_progress_of_find() {
    let port = free_port().to_string();
    let words = ["find", "-v", "--no-mdns", "--no-memory", "--interface", lo(), "--port", &port];
    let mut terminal = Terminal::start(&mut cooee(&words));
    let written = terminal.until(|written| written.contains("info: ended"));
    assert!(written.contains("searching: "), "{written:?}");
    let lines = written.split("info:").map(|before| before.rsplit('\n').next().unwrap());
    for before in lines.take(written.matches("info:").count()) {
        let visible = before.rsplit("\x1b[2K").next().unwrap();
        assert!(!visible.contains("searching"), "the line is not taken back: {before:?}");
    }
}
