use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::thread;

use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpid, getppid};

use super::LabError;

pub(super) const DIRECTORY: &str = "/run/netns";

/// A named network namespace, removed with everything in it on drop.
#[derive(Debug)]
pub(super) struct Namespace {
    name: String,
    handle: Arc<File>,
}

impl Namespace {
    pub(super) fn create(name: String) -> Result<Self, LabError> {
        run(Command::new("ip").args(["netns", "add", &name]), "")?;
        let path = path(&name);
        match File::open(&path) {
            Ok(handle) => Ok(Self { name, handle: Arc::new(handle) }),
            Err(source) => {
                remove(&name);
                Err(LabError::system(format!("open {}", path.display()), source))
            }
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        // Networks of one lab have the numbers of another's: what is remembered there is wrong here.
        command.env("XDG_STATE_HOME", "/dev/null");
        let handle = Arc::clone(&self.handle);
        let parent = getpid();
        let prepare = move || {
            set_pdeathsig(Signal::SIGKILL)?;
            // The parent may have died before the line above.
            if getppid() != parent {
                return Err(io::Error::from(Errno::ESRCH));
            }
            setns(&*handle, CloneFlags::CLONE_NEWNET)?;
            Ok(())
        };
        // SAFETY: the closure runs between fork and exec; it makes three system calls and
        // neither allocates nor takes a lock. An io::Error made of an errno does not allocate.
        unsafe { command.pre_exec(prepare) };
        command
    }

    pub(super) fn enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let inside = scope.spawn(|| {
                setns(&*self.handle, CloneFlags::CLONE_NEWNET)
                    .expect("the handle is a network namespace that this process made");
                work()
            });
            inside.join().unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    pub(super) fn ip(&self, arguments: &[&str]) -> Result<String, LabError> {
        run(self.command("ip").args(arguments), "")
    }

    pub(super) fn ip_batch(&self, script: &str) -> Result<String, LabError> {
        run(self.command("ip").args(["-batch", "-"]), script)
    }

    pub(super) fn nft(&self, script: &str) -> Result<String, LabError> {
        run(self.command("nft").args(["-f", "-"]), script)
    }

    /// Sets kernel parameters under `/proc/sys/net`, which shows the namespace of its reader.
    pub(super) fn set_parameters(&self, parameters: &[(&str, &str)]) -> Result<(), LabError> {
        self.enter(|| {
            parameters.iter().try_for_each(|(key, value)| {
                let path = Path::new("/proc/sys/net").join(key);
                fs::write(&path, value).map_err(|source| {
                    LabError::system(format!("write {value} to {}", path.display()), source)
                })
            })
        })
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        remove(&self.name);
    }
}

/// Kills what runs in a namespace, by pid, and removes its name.
///
/// Failures are left alone: another process may be removing the same stale namespace.
pub(super) fn remove(name: &str) {
    let pids = run(Command::new("ip").args(["netns", "pids", name]), "").unwrap_or_default();
    for pid in pids.lines().filter_map(|line| line.trim().parse().ok()).map(Pid::from_raw) {
        if pid != getpid() {
            let _ = kill(pid, Signal::SIGKILL);
        }
    }
    let _ = run(Command::new("ip").args(["netns", "del", name]), "");
}

fn path(name: &str) -> PathBuf {
    Path::new(DIRECTORY).join(name)
}

/// Runs a tool to its end with `input`, and returns what it printed.
fn run(command: &mut Command, input: &str) -> Result<String, LabError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = feed(command, input)
        .map_err(|source| LabError::Start { command: describe(command, ""), source })?;
    if !output.status.success() {
        return Err(LabError::Command {
            command: describe(command, input),
            status: output.status,
            stderr: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn feed(command: &mut Command, input: &str) -> io::Result<Output> {
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(input.as_bytes()) {
            // It ended before it read everything; its status says why.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
            _ => {}
        }
    }
    child.wait_with_output()
}

pub(super) fn describe(command: &Command, input: &str) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(OsStr::to_string_lossy));
    let line = words.join(" ");
    if input.is_empty() { line } else { format!("{line} <<<\n{}\n", input.trim_end()) }
}
