//! Groups of processes, so that what a command began can be ended with it.
//!
//! A terminal sends Ctrl-C to its own group only, so it is passed on here.

use std::io;
use std::process::{Child, Command};

#[cfg(unix)]
pub(super) use unix::{forget, kill, spawn};

#[cfg(not(unix))]
pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    command.spawn()
}

#[cfg(not(unix))]
pub(super) fn kill(child: &mut Child) {
    // It may have ended by itself just now.
    let _ = child.kill();
}

#[cfg(not(unix))]
pub(super) fn forget(_: &Child) {}

#[cfg(unix)]
mod unix {
    use std::os::unix::process::CommandExt;
    use std::sync::{Mutex, MutexGuard, Once, PoisonError};
    use std::thread;

    use rustix::process::{Pid, Signal, kill_process_group};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use super::{Child, Command, io};

    static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

    fn running() -> MutexGuard<'static, Vec<Pid>> {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in super::super) fn spawn(command: &mut Command) -> io::Result<Child> {
        static PASSES_ON: Once = Once::new();
        PASSES_ON.call_once(pass_signals_on);
        // Locked before: a signal in between would spare the child.
        let mut running = running();
        let child = command.process_group(0).spawn()?;
        running.push(Pid::from_child(&child));
        Ok(child)
    }

    pub(in super::super) fn kill(child: &mut Child) {
        // They may have ended by themselves just now.
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }

    pub(in super::super) fn forget(child: &Child) {
        running().retain(|&pid| pid != Pid::from_child(child));
    }

    fn is_ignored(signal: i32) -> bool {
        // Elsewhere than on Linux none counts as ignored.
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        ignored(&status) >> (signal - 1) & 1 == 1
    }

    /// The signals that a process ignores by its status: a bit of each (proc_pid_status(5)).
    fn ignored(status: &str) -> u64 {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }

    /// Has what ends this program end what it began, too.
    fn pass_signals_on() {
        // Without this, Ctrl-C ends this program only.
        // What is ignored stays so, as under nohup.
        let wanted = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|&signal| !is_ignored(signal));
        let Ok(mut signals) = Signals::new(wanted) else { return };
        thread::spawn(move || {
            for signal in signals.forever() {
                let running = running();
                for &pid in running.iter() {
                    // It may have ended by itself just now.
                    let _ = Signal::from_named_raw(signal)
                        .map_or(Ok(()), |signal| kill_process_group(pid, signal));
                }
                let _ = emulate_default_handler(signal);
            }
        });
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_is_ignored_is_read_of_the_status() {
            assert_eq!(ignored("Name:\tsh\nSigIgn:\t0000000000000001\n"), 1 << (SIGHUP - 1));
            assert_eq!(ignored("Name:\tsh\n"), 0);
        }
    }
}
