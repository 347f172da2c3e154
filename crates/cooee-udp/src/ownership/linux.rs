use std::io;
use std::net::SocketAddrV4;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use procfs::process::{FDTarget, Process, all_processes};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use socket2::{Domain, SockAddr, Socket, Type};

use super::{Held, Owner};
use crate::option::socket_option;

/// An abstract unix socket that is listened on as long as its holder lives.
///
/// It belongs to the network namespace, as ports do. Nobody ever accepts: whoever connects waits
/// for the kernel to reset the connection, which it does when the listener is gone.
#[derive(Debug)]
pub(super) struct Guard {
    listener: Socket,
}

fn name(address: SocketAddrV4) -> io::Result<SockAddr> {
    SockAddr::unix(format!("\0cooee/udp/{address}"))
}

impl Guard {
    /// How many may wait. The next ones retry once a second.
    const LINE: i32 = 1024;

    /// The guard of `address`. None for port 0, which is never taken, and none where the system
    /// has no such sockets: there the bind alone decides.
    pub(super) fn acquire(address: SocketAddrV4) -> Result<Option<Self>, Held> {
        if address.port() == 0 {
            return Ok(None);
        }
        match Self::listen(address) {
            Ok(listener) => Ok(Some(Self { listener })),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(Held),
            Err(error) => {
                tracing::debug!(%error, %address, "no guard for the port");
                Ok(None)
            }
        }
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }

    fn listen(address: SocketAddrV4) -> io::Result<Socket> {
        let listener = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        listener.bind(&name(address)?)?;
        listener.listen(Self::LINE)?;
        Ok(listener)
    }
}

/// A connection to a guard, which breaks when its holder dies.
#[derive(Debug)]
pub(super) struct Vigil {
    connection: Socket,
}

impl Vigil {
    pub(super) fn begin(address: SocketAddrV4) -> Option<Self> {
        let connection = Socket::new(Domain::UNIX, Type::STREAM, None).ok()?;
        connection.set_nonblocking(true).ok()?;
        connection.connect(&name(address).ok()?).ok()?;
        Some(Self { connection })
    }

    /// Whether the holder is one that could stop us in any case: our own user, or root. Another
    /// user's process may not keep us from a port that it does not have.
    pub(super) fn is_trusted(&self) -> bool {
        const ROOT: u32 = 0;
        /// Everybody whom the user namespace has no number for (user_namespaces(7)).
        const OVERFLOW: u32 = 65_534;
        let ours = rustix::process::geteuid().as_raw();
        self.holder().is_some_and(|holder| {
            holder.uid == ROOT || (holder.uid == ours && holder.uid != OVERFLOW)
        })
    }

    /// The process that listens at the other end, unless it is in a PID namespace that this
    /// process cannot see into.
    pub(super) fn owner(&self) -> Option<Owner> {
        let pid = self.holder()?.pid;
        let visible = u32::try_from(pid).ok().filter(|&pid| pid != 0)?;
        let name = Process::new(pid).ok().and_then(|process| command(&process));
        Some(Owner { pid: visible, name })
    }

    /// Libraries take it that the process has a number. In another PID namespace it is 0.
    fn holder(&self) -> Option<libc::ucred> {
        let nobody = libc::ucred { pid: 0, uid: 0, gid: 0 };
        // SAFETY: it is three integers.
        unsafe { socket_option(&self.connection, libc::SO_PEERCRED, nobody) }
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.connection.as_fd()
    }
}

/// Tells when a process has ended.
#[derive(Debug)]
pub(super) struct ProcessEnd {
    process: OwnedFd,
}

impl ProcessEnd {
    pub(super) fn of(pid: u32) -> Option<Self> {
        let pid = Pid::from_raw(pid.cast_signed())?;
        Some(Self { process: pidfd_open(pid, PidfdFlags::empty()).ok()? })
    }

    pub(super) fn has_come(&self) -> bool {
        let mut process = [PollFd::new(&self.process, PollFlags::IN)];
        poll(&mut process, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
    }

    /// Becomes readable when the process ends.
    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.process.as_fd()
    }
}

/// The process that has a UDP socket bound where `address` would be, if we may see it; of several,
/// the `guardian`: a service manager keeps the sockets that it has passed on.
pub(super) fn owner_of(address: SocketAddrV4, guardian: Option<&Owner>) -> Option<Owner> {
    let sockets = procfs::net::udp().into_iter().chain(procfs::net::udp6()).flatten();
    let inodes: Vec<u64> = sockets
        .filter(|socket| {
            let local = socket.local_address;
            let same = local.ip() == *address.ip();
            let any = local.ip().is_unspecified() || address.ip().is_unspecified();
            local.port() == address.port() && (same || any)
        })
        .map(|socket| socket.inode)
        .collect();
    if inodes.is_empty() {
        return None;
    }
    let holds = |owner: &&Owner| {
        Process::new(owner.pid.cast_signed()).is_ok_and(|process| has_socket(&process, &inodes))
    };
    if let Some(guardian) = guardian.filter(holds) {
        return Some(guardian.clone());
    }
    all_processes().ok()?.flatten().find(|process| has_socket(process, &inodes)).and_then(
        |process| {
            let name = command(&process);
            Some(Owner { pid: u32::try_from(process.pid).ok()?, name })
        },
    )
}

fn has_socket(process: &Process, inodes: &[u64]) -> bool {
    process.fd().is_ok_and(|mut descriptors| {
        descriptors.any(|descriptor| {
            matches!(descriptor, Ok(d) if matches!(d.target, FDTarget::Socket(i) if inodes.contains(&i)))
        })
    })
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
