use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use procfs::process::Process;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::option::socket_option;
use crate::ownership::owner::Owner;

/// Tells when a process has ended.
#[derive(Debug)]
pub(in crate::ownership) struct ProcessEnd {
    process: OwnedFd,
}

impl ProcessEnd {
    pub(in crate::ownership) fn of(pid: u32) -> Option<Self> {
        let pid = Pid::from_raw(pid.cast_signed())?;
        Some(Self { process: pidfd_open(pid, PidfdFlags::empty()).ok()? })
    }

    /// The same of a process that should live; `None` where the system has no such descriptors.
    ///
    /// # Errors
    /// It has ended, or there is no descriptor left.
    pub(super) fn of_living(pid: u32) -> io::Result<Option<Self>> {
        let pid = Pid::from_raw(pid.cast_signed()).ok_or(io::ErrorKind::InvalidInput)?;
        match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(process) => Ok(Some(Self { process })),
            Err(rustix::io::Errno::NOSYS) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// That of the process which connected this unix socket, even if it has ended since (Linux 6.5).
    pub(super) fn of_peer(connection: &impl AsRawFd) -> Option<Self> {
        const NONE: RawFd = -1;
        // SAFETY: it is an integer.
        let process = unsafe { socket_option(connection, libc::SO_PEERPIDFD, NONE) };
        let process = process.filter(|&process| process != NONE)?;
        // SAFETY: the kernel has just opened it for this call.
        Some(Self { process: unsafe { OwnedFd::from_raw_fd(process) } })
    }

    pub(in crate::ownership) fn has_come(&self) -> bool {
        let mut process = [PollFd::new(&self.process, PollFlags::IN)];
        poll(&mut process, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
    }

    /// Becomes readable when the process ends.
    pub(in crate::ownership) fn as_fd(&self) -> BorrowedFd<'_> {
        self.process.as_fd()
    }
}

/// A process with its name, if that can be seen.
pub(super) fn named(pid: u32) -> Owner {
    let name = Process::new(pid.cast_signed()).ok().and_then(|process| command(&process));
    Owner { pid, name }
}

/// The name of a process, which it chooses freely: nothing in it may reach a terminal as a command.
fn command(process: &Process) -> Option<String> {
    let name = process.stat().ok()?.comm;
    Some(
        name.chars()
            .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
            .collect(),
    )
}
