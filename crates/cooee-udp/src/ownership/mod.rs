//! One owner of a port for each host: who has it, and who is next.
//!
//! Where the system has a lock with the scope of a port (Linux: an abstract unix socket, which
//! like a port belongs to a network namespace), its holder owns the port, or is first in line for
//! it while a foreign program has it. Everybody else waits, without waking, until the holder is
//! gone; the kernel tells, even of a SIGKILL. Elsewhere the bind itself decides, and whoever waits
//! tries once a second.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod sys;
#[cfg(not(target_os = "linux"))]
#[path = "portable.rs"]
mod sys;

use std::fmt;
use std::io;
use std::net::SocketAddrV4;
use std::time::Duration;

use thiserror::Error;

use crate::UdpSocket;
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
    #[error("binding to {address} failed: {source}")]
    Other {
        /// What was to be bound.
        address: SocketAddrV4,
        /// What the system said.
        source: io::Error,
    },
}

impl BindError {
    fn new(address: SocketAddrV4, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => {
                Self::PortInUse { port: address.port(), owner: sys::owner_of(address) }
            }
            io::ErrorKind::PermissionDenied => Self::NotPermitted { address },
            io::ErrorKind::AddrNotAvailable => Self::NotOurs { address },
            _ => Self::Other { address, source },
        }
    }
}

/// A port that is ours until this is dropped.
#[derive(Debug)]
pub struct OwnedPort {
    /// The bound socket.
    pub socket: UdpSocket,
    guard: Option<Guard>,
}

impl OwnedPort {
    /// Takes the port, if nobody has it and nobody is waiting for it.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn take(address: SocketAddrV4) -> Result<Self, BindError> {
        let Ok(guard) = Guard::acquire(address) else {
            let owner = sys::owner_of(address).or_else(|| Vigil::begin(address)?.owner());
            return Err(BindError::PortInUse { port: address.port(), owner });
        };
        Self::take_guarded(address, guard).map_err(|(_, error)| error)
    }

    /// What guards the port, where the system has guards. It is ours as long as this descriptor or
    /// a copy of it is open, in whatever process.
    #[cfg(unix)]
    pub fn guard(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.guard.as_ref().map(Guard::as_fd)
    }

    fn take_guarded(
        address: SocketAddrV4,
        guard: Option<Guard>,
    ) -> Result<Self, (Option<Guard>, BindError)> {
        match UdpSocket::bind(address) {
            Ok(socket) => Ok(Self { socket, guard }),
            Err(error) => Err((guard, BindError::new(address, error))),
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

/// A place in the line for a port.
///
/// Wait until [`wakes_on`](Self::wakes_on) becomes readable, or for
/// [`retry_after`](Self::retry_after), whichever there is; then [`try_again`](Self::try_again).
#[derive(Debug)]
pub struct StandBy {
    address: SocketAddrV4,
    owner: Option<Owner>,
    wait: Wait,
    attempts: u32,
}

#[derive(Debug)]
enum Wait {
    /// Behind another of us: the kernel tells when it is gone.
    Vigil(Vigil),
    /// First in line behind a foreign program, or on a system without such a lock.
    Retry { guard: Option<Guard> },
}

impl StandBy {
    const RETRY_MAX: Duration = Duration::from_secs(1);
    /// From this attempt on, the pause is the longest.
    const ATTEMPTS_MAX: u32 = 16;
    const RETRY_MIN: Duration = Duration::from_millis(5);

    /// Takes the port or a place in the line for it.
    ///
    /// # Errors
    /// Why waiting cannot help: [`BindError::NotPermitted`], [`BindError::NotOurs`],
    /// [`BindError::Other`].
    pub fn claim(address: SocketAddrV4) -> Result<Claim, BindError> {
        Self::attempt(address, 0)
    }

    /// A place in the line that is tried for a second from now, for when trying just failed.
    pub fn later(address: SocketAddrV4) -> Self {
        let wait = Wait::Retry { guard: None };
        Self { address, owner: None, wait, attempts: Self::ATTEMPTS_MAX }
    }

    fn attempt(address: SocketAddrV4, attempts: u32) -> Result<Claim, BindError> {
        let wait = match Guard::acquire(address) {
            Ok(guard) => return Self::attempt_guarded(address, guard, attempts),
            Err(Held) => Vigil::begin(address),
        };
        let owner = wait.as_ref().and_then(Vigil::owner).or_else(|| sys::owner_of(address));
        let wait = wait.map_or(Wait::Retry { guard: None }, Wait::Vigil);
        Ok(Claim::Waiting(Self { address, owner, wait, attempts }))
    }

    fn attempt_guarded(
        address: SocketAddrV4,
        guard: Option<Guard>,
        attempts: u32,
    ) -> Result<Claim, BindError> {
        match OwnedPort::take_guarded(address, guard) {
            Ok(port) => Ok(Claim::Owned(port)),
            Err((guard, BindError::PortInUse { owner, .. })) => {
                let wait = Wait::Retry { guard };
                Ok(Claim::Waiting(Self { address, owner, wait, attempts }))
            }
            Err((_, error)) => Err(error),
        }
    }

    /// Tries for the port again, keeping the place in the line.
    ///
    /// # Errors
    /// As [`claim`](Self::claim).
    pub fn try_again(self) -> Result<Claim, BindError> {
        match self.wait {
            Wait::Retry { guard: Some(guard) } => {
                Self::attempt_guarded(self.address, Some(guard), self.attempts + 1)
            }
            Wait::Retry { guard: None } => Self::attempt(self.address, self.attempts + 1),
            Wait::Vigil(_) => Self::attempt(self.address, 0),
        }
    }

    /// Who has the port, where the system tells.
    pub fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    /// Who is ahead.
    pub fn ahead(&self) -> Ahead {
        match self.wait {
            Wait::Vigil(_) => Ahead::Ours,
            Wait::Retry { guard: Some(_) } => Ahead::Foreign,
            Wait::Retry { guard: None } => Ahead::Unknown,
        }
    }

    /// How long to wait before trying again; `None` where the system tells when it is time.
    ///
    /// Short at first, since an owner that is going away may still be closing its sockets.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.wait {
            Wait::Vigil(_) => None,
            Wait::Retry { .. } => {
                let doubled =
                    Self::RETRY_MIN.saturating_mul(1 << self.attempts.min(Self::ATTEMPTS_MAX));
                Some(doubled.min(Self::RETRY_MAX))
            }
        }
    }

    /// What guards the port while we are first in line for it.
    #[cfg(unix)]
    pub fn guard(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        match &self.wait {
            Wait::Retry { guard } => guard.as_ref().map(Guard::as_fd),
            Wait::Vigil(_) => None,
        }
    }

    /// What becomes readable when it is time to try again.
    #[cfg(unix)]
    pub fn wakes_on(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        match &self.wait {
            Wait::Vigil(vigil) => Some(vigil.as_fd()),
            Wait::Retry { .. } => None,
        }
    }
}
