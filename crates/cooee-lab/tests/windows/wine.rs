//! Windows on a host of the lab.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use cooee_lab::netns::{Child, Finished, Host, Signal};
use cooee_lab::scene::programs::{DEADLINE, Search, program};
use tempfile::TempDir;

/// A host that runs Windows programs. Its wine has a server and a registry of its own, since the
/// server is in one network namespace.
pub(crate) struct Windows<'a> {
    host: &'a Host,
    prefix: TempDir,
}

impl<'a> Windows<'a> {
    pub(crate) fn on(host: &'a Host) -> Self {
        // On the file system of what is linked to.
        let prefix = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        clone(&program("COOEE_WINE_PREFIX"), prefix.path()).unwrap();
        let windows = Self { host, prefix };
        // Its services would otherwise start with the first program, and keep its streams open.
        windows.run(windows.command("wineserver").arg("-p"));
        windows.run(windows.command("wine").args(["cmd", "/c", "exit"]));
        windows
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.host.command(program);
        command.env("WINEPREFIX", self.prefix.path()).env("WINEDEBUG", "-all");
        command.env("WINEDLLOVERRIDES", "mscoree,mshtml=").env_remove("DISPLAY");
        command
    }

    fn run(&self, command: &mut Command) {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "{command:?}");
    }

    /// A `cooee` for Windows.
    pub(crate) fn cooee(&self, arguments: &[&str]) -> Child {
        let mut command = self.command("wine");
        Child::spawn(command.arg(program("COOEE_WINDOWS_BIN")).args(arguments)).unwrap()
    }

    /// A `cooee serve` that may not answer yet.
    pub(crate) fn start_serve(&self, arguments: &[&str]) -> Child {
        self.cooee(&[&["serve"], arguments].concat())
    }

    /// A `cooee serve` that answers.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Child {
        let mut server = self.start_serve(arguments);
        server.stderr_line_with("answering on", DEADLINE).unwrap();
        server
    }

    /// What a `cooee find --format json` found and said.
    pub(crate) fn find(&self, arguments: &[&str]) -> Search {
        let began = Instant::now();
        let child = self.cooee(&[&["find", "--format", "json"], arguments].concat());
        Search::of(child.finish(DEADLINE + DEADLINE).unwrap(), began)
    }
}

impl Drop for Windows<'_> {
    fn drop(&mut self) {
        // What it leaves ends with the host.
        let _ = self.command("wineserver").arg("-k").status();
        let _ = self.command("wineserver").arg("-w").status();
    }
}

/// Ends a program by Ctrl-C, which is what wine makes of the signal.
pub(crate) fn ctrl_c(mut program: Child) -> Finished {
    program.signal(Signal::SIGINT).unwrap();
    program.finish(DEADLINE).unwrap()
}

/// A copy that has the files in common, but for those that wine writes to.
fn clone(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (original, copy) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            fs::create_dir_all(&copy)?;
            clone(&original, &copy)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&original)?, &copy)?;
        } else if original.extension().is_some_and(|extension| extension == "reg") {
            fs::copy(&original, &copy)?;
        } else {
            fs::hard_link(&original, &copy)?;
        }
    }
    Ok(())
}
