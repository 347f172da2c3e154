//! One owner of a port for each host: who has it, and who is next.
//!
//! Where the system has a lock with the scope of a port (Linux: an abstract unix socket, which
//! like a port belongs to a network namespace), its holder owns the port, or is first in line for
//! it while a foreign program has it. Everybody else waits, without waking, until the holder is
//! gone; the kernel tells, even of a SIGKILL. Elsewhere the bind itself decides, and whoever waits
//! tries once a second.
//!
//! The end of a foreign program is told by the kernel too, but it may also give up the port and
//! live on: whoever is first in line behind it tries once a second besides.
//!
//! Each address has a guard of its own, since two specific addresses of one port can have owners at
//! the same time. An owner of the unspecified address excludes them all, and they exclude it:
//! whoever cannot bind because of one of us waits behind that one, holding its own guard.

#[cfg(target_os = "linux")]
#[path = "linux/mod.rs"]
mod sys;
#[cfg(not(target_os = "linux"))]
#[path = "portable.rs"]
mod sys;

mod pace;
mod search;
mod stand_by;

use std::fmt;
use std::io;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket as StdSocket};

use thiserror::Error;

use crate::{SocketError, UdpSocket};
pub use stand_by::StandBy;
use sys::{Guard, Vigil};

/// A process that has a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Its process number.
    pub pid: u32,
    /// Its name, where the system tells.
    pub name: Option<String>,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pid {}", self.pid)?;
        match &self.name {
            Some(name) => write!(f, " ({name})"),
            None => Ok(()),
        }
    }
}

/// Why a port could not be had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another process has it. Trying again helps once that process is gone.
    #[error("port {port} is taken by {}", .owner.as_ref().map_or("another process".to_owned(), ToString::to_string))]
    PortInUse {
        /// The port.
        port: u16,
        /// Who has it, where the system tells.
        owner: Option<Owner>,
    },
    /// The system does not permit it, for instance because the port is below 1024.
    #[error("binding to {address} is not permitted")]
    NotPermitted {
        /// What was to be bound.
        address: SocketAddrV4,
    },
    /// No interface of this host has the address.
    #[error("{} is not an address of this host", .address.ip())]
    NotOurs {
        /// What was to be bound.
        address: SocketAddrV4,
    },
    /// The system refused for another reason.
    #[error("binding to {address} failed: {error}")]
    Other {
        /// What was to be bound.
        address: SocketAddrV4,
        /// What the system said.
        error: io::Error,
    },
}

impl BindError {
    fn new(address: SocketAddrV4, error: io::Error, guardian: Option<&Owner>) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => {
                Self::PortInUse { port: address.port(), owner: search::owner_of(address, guardian) }
            }
            io::ErrorKind::PermissionDenied => Self::NotPermitted { address },
            io::ErrorKind::AddrNotAvailable => Self::NotOurs { address },
            _ => Self::Other { address, error },
        }
    }
}

/// A port that is ours until this is dropped.
#[derive(Debug)]
pub struct OwnedPort {
    /// The bound socket.
    pub socket: UdpSocket,
    #[cfg_attr(
        not(unix),
        expect(dead_code, reason = "held, and shown where there are descriptors")
    )]
    guard: Option<Guard>,
}

impl OwnedPort {
    /// Takes the port, if nobody has it and nobody is waiting for it.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn take(address: SocketAddrV4) -> Result<Self, BindError> {
        let (guard, guardian) = match Guard::acquire(address) {
            Ok(guard) => (guard, None),
            Err(Held) => {
                let vigil = Vigil::begin(address);
                let guardian = vigil.as_ref().and_then(Vigil::owner);
                if vigil.as_ref().is_none_or(Vigil::is_trusted) {
                    let owner = search::owner_of(address, guardian.as_ref()).or(guardian);
                    return Err(BindError::PortInUse { port: address.port(), owner });
                }
                (None, guardian)
            }
        };
        Self::take_guarded(address, guard)
            .map_err(|(_, error)| BindError::new(address, error, guardian.as_ref()))
    }

    /// A port that came with its socket. It is ours whoever holds its guard: the guard is taken if
    /// it is free, so that others wait for us; who holds it stays first in line.
    ///
    /// # Errors
    /// What about the socket does not fit.
    pub fn given(socket: StdSocket) -> Result<Self, SocketError> {
        let socket = UdpSocket::given(socket)?;
        let guard = match socket.local_addr()? {
            SocketAddr::V4(address) => {
                let mut guard = Guard::acquire(address).unwrap_or_default();
                guard.iter_mut().for_each(|guard| guard.mark_bound(address));
                guard
            }
            SocketAddr::V6(_) => None,
        };
        Ok(Self { socket, guard })
    }

    /// What guards the port, where the system has guards. It is ours as long as this descriptor or
    /// a copy of it is open, in whatever process.
    #[cfg(unix)]
    pub fn guard(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.guard.as_ref().map(Guard::as_fd)
    }

    /// What shows that the holder of the guard has the port, and is not merely first in line for
    /// it. Like the guard, it must not stay open in another process.
    #[cfg(unix)]
    pub fn mark(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.guard.as_ref().and_then(Guard::mark)
    }

    fn take_guarded(
        address: SocketAddrV4,
        mut guard: Option<Guard>,
    ) -> Result<Self, (Option<Guard>, io::Error)> {
        match UdpSocket::bind(address) {
            Ok(socket) => {
                guard.iter_mut().for_each(|guard| guard.mark_bound(address));
                Ok(Self { socket, guard })
            }
            Err(error) => Err((guard, error)),
        }
    }
}

/// Another process holds the guard of a port.
#[derive(Debug)]
struct Held;

/// Who is ahead of a process that waits for a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ahead {
    /// Another process that uses this library: it has the port, or is the first in line for it.
    Ours,
    /// A foreign program has the port.
    Foreign,
    /// The system does not tell.
    Unknown,
}

/// What came of asking for a port.
#[derive(Debug)]
pub enum Claim {
    /// It is ours.
    Owned(OwnedPort),
    /// It is another's; wait for it.
    Waiting(StandBy),
}
