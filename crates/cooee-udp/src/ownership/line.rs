//! The line for a port: who waits, for what, and when to try again.

use std::io;
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use super::sys::{self, Guard, ProcessEnd, Vigil};
use super::{Ahead, BindError, Claim, Held, OwnedPort, Owner};

/// A place in the line for a port.
///
/// Wait until [`wakes_on`](Self::wakes_on) becomes readable or [`retry_after`](Self::retry_after)
/// has passed, whichever there is and comes first; then [`try_again`](Self::try_again).
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
    Vigil {
        #[cfg_attr(
            not(unix),
            expect(dead_code, reason = "held, and shown where there are descriptors")
        )]
        vigil: Vigil,
        since: Instant,
    },
    /// First in line behind a foreign program, whose end the kernel tells where it can be seen.
    /// It may also give up the port and live on, so the port is tried now and then.
    Foreign { guard: Guard, end: Option<ProcessEnd> },
    /// Without a guard: the port is tried now and then.
    Retry,
}

impl StandBy {
    const RETRY_MIN: Duration = Duration::from_millis(5);
    const RETRY_MAX: Duration = Duration::from_secs(1);
    /// From this attempt on, the pause is the longest.
    const ATTEMPTS_MAX: u32 = 8;
    /// A guard that is gone sooner than this was no owner's.
    const VIGIL_MIN: Duration = Duration::from_secs(1);
    /// After so many of those in a row, the port is tried now and then instead.
    const VIGILS_BROKEN_MAX: u32 = 3;

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
        Self { address, owner: None, wait: Wait::Retry, attempts: Self::ATTEMPTS_MAX }
    }

    fn attempt(address: SocketAddrV4, attempts: u32) -> Result<Claim, BindError> {
        let vigil = match Guard::acquire(address) {
            Ok(guard) => return Self::bind(address, guard, attempts, None),
            Err(Held) => Vigil::begin(address),
        };
        if vigil.as_ref().is_some_and(|vigil| !vigil.is_trusted()) {
            return Self::bind(address, None, attempts, None);
        }
        let owner = vigil.as_ref().and_then(Vigil::owner).or_else(|| sys::owner_of(address, None));
        let wait = match vigil {
            Some(vigil) if attempts < Self::VIGILS_BROKEN_MAX => {
                Wait::Vigil { vigil, since: Instant::now() }
            }
            _ => Wait::Retry,
        };
        Ok(Claim::Waiting(Self { address, owner, wait, attempts }))
    }

    /// Tries for the port itself. `known` is who had it a moment ago, and lives.
    fn bind(
        address: SocketAddrV4,
        guard: Option<Guard>,
        attempts: u32,
        known: Option<(Owner, ProcessEnd)>,
    ) -> Result<Claim, BindError> {
        let guard = match OwnedPort::take_guarded(address, guard) {
            Ok(port) => return Ok(Claim::Owned(port)),
            Err((guard, error)) if error.kind() == io::ErrorKind::AddrInUse => guard,
            Err((_, error)) => return Err(BindError::new(address, error, None)),
        };
        let (owner, end) = match known {
            Some((owner, end)) => (Some(owner), Some(end)),
            None => {
                let owner = sys::owner_of(address, None);
                let end = owner.as_ref().and_then(|owner| ProcessEnd::of(owner.pid));
                (owner, end)
            }
        };
        let wait = match guard {
            Some(guard) => Wait::Foreign { guard, end },
            None => Wait::Retry,
        };
        Ok(Claim::Waiting(Self { address, owner, wait, attempts }))
    }

    /// Tries for the port again, keeping the place in the line.
    ///
    /// # Errors
    /// As [`claim`](Self::claim).
    pub fn try_again(self) -> Result<Claim, BindError> {
        match self.wait {
            Wait::Foreign { guard, end } => {
                let lives = end.filter(|end| !end.has_come());
                let known = self.owner.zip(lives);
                Self::bind(self.address, Some(guard), self.attempts + 1, known)
            }
            Wait::Vigil { since, .. } if since.elapsed() < Self::VIGIL_MIN => {
                Self::attempt(self.address, self.attempts + 1)
            }
            Wait::Retry if self.attempts < Self::ATTEMPTS_MAX => {
                Self::attempt(self.address, self.attempts + 1)
            }
            Wait::Vigil { .. } | Wait::Retry => Self::attempt(self.address, 0),
        }
    }

    /// Who has the port, where the system tells.
    pub fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    /// Who is ahead.
    pub fn ahead(&self) -> Ahead {
        match self.wait {
            Wait::Vigil { .. } => Ahead::Ours,
            Wait::Foreign { .. } => Ahead::Foreign,
            Wait::Retry => Ahead::Unknown,
        }
    }

    /// How long to wait before trying again; `None` where the system tells when it is time.
    ///
    /// Short at first, since an owner that is going away may still be closing its sockets.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.wait {
            Wait::Vigil { .. } => None,
            Wait::Foreign { .. } | Wait::Retry => {
                let doubled = Self::RETRY_MIN * (1 << self.attempts.min(Self::ATTEMPTS_MAX));
                Some(doubled.min(Self::RETRY_MAX))
            }
        }
    }

    /// What guards the port while we are first in line for it.
    #[cfg(unix)]
    pub fn guard(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        match &self.wait {
            Wait::Foreign { guard, .. } => Some(guard.as_fd()),
            Wait::Vigil { .. } | Wait::Retry => None,
        }
    }

    /// What becomes readable when it is time to try again.
    #[cfg(unix)]
    pub fn wakes_on(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        match &self.wait {
            Wait::Vigil { vigil, .. } => Some(vigil.as_fd()),
            Wait::Foreign { end, .. } => end.as_ref().map(ProcessEnd::as_fd),
            Wait::Retry => None,
        }
    }
}
