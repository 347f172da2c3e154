//! Waiting for a port: for what, and when to try again.

use std::io;
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use super::error::BindError;
use super::held::Held;
use super::owned_port::OwnedPort;
use super::owner::Owner;
use super::pace::Pace;
use super::search::{Search, owner_of_rival};
use super::sys::{self, Guard, Vigil};

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
/// Wait until [`wakes_on`](Self::wakes_on) becomes readable or [`retry_after`](Self::retry_after)
/// has passed, whichever there is and comes first; then [`try_again`](Self::try_again).
#[derive(Debug)]
pub struct StandBy {
    address: SocketAddrV4,
    wait: Wait,
    pace: Pace,
    search: Box<Search>,
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
        owner: Option<Owner>,
        /// Ours, if the other has the port by another address: we are first in line for this one.
        guard: Option<Guard>,
        since: Instant,
    },
    /// First in line behind a foreign program, whose end the kernel tells where it can be seen.
    /// It may also give up the port and live on, so the port is tried now and then.
    Foreign { guard: Guard },
    /// Without a guard: the port is tried now and then.
    Retry {
        /// Whom the guard names.
        owner: Option<Owner>,
    },
}

impl StandBy {
    /// Takes the port or a place in the line for it.
    ///
    /// # Errors
    /// Why waiting cannot help: [`BindError::NotPermitted`], [`BindError::NotOurs`],
    /// [`BindError::Other`].
    pub fn claim(address: SocketAddrV4) -> Result<Claim, BindError> {
        Self::attempt(address, Pace::default(), Box::default())
    }

    /// A place in the line that is tried for a second from now, for when trying just failed.
    pub fn later(address: SocketAddrV4) -> Self {
        let (pace, search) = (Pace::SETTLED, Box::default());
        Self { address, wait: Wait::Retry { owner: None }, pace, search }
    }

    fn attempt(
        address: SocketAddrV4,
        pace: Pace,
        mut search: Box<Search>,
    ) -> Result<Claim, BindError> {
        let vigil = match Guard::acquire(address) {
            Ok(guard) => return Self::bind(address, guard, pace, search),
            Err(Held) => Vigil::begin(address),
        };
        if vigil.as_ref().is_some_and(|vigil| !vigil.is_trusted()) {
            return Self::bind(address, None, pace, search);
        }
        let owner = vigil.as_ref().and_then(Vigil::owner);
        if owner.is_none() && (pace.may_look() || search.is_due()) {
            search.look(sys::bound(address));
        }
        let wait = match vigil {
            Some(vigil) if pace.may_sleep() => {
                Wait::Vigil { vigil, owner, guard: None, since: Instant::now() }
            }
            _ => Wait::Retry { owner },
        };
        Ok(Claim::Waiting(Self { address, wait, pace, search }))
    }

    /// Tries for the port itself.
    fn bind(
        address: SocketAddrV4,
        guard: Option<Guard>,
        pace: Pace,
        mut search: Box<Search>,
    ) -> Result<Claim, BindError> {
        let guard = match OwnedPort::take_guarded(address, guard) {
            Ok(port) => return Ok(Claim::Owned(port)),
            Err((guard, error)) if error.kind() == io::ErrorKind::AddrInUse => guard,
            Err((_, error)) => return Err(BindError::new(address, error, None)),
        };
        if pace.may_look() || search.is_due() {
            let bound = sys::bound(address);
            let rival = if pace.may_sleep() { owner_of_rival(address, &bound) } else { None };
            let owner = rival.as_ref().and_then(Vigil::owner);
            if owner.is_none() {
                search.look(bound);
            }
            if let Some(vigil) = rival {
                let wait = Wait::Vigil { vigil, owner, guard, since: Instant::now() };
                return Ok(Claim::Waiting(Self { address, wait, pace, search }));
            }
        }
        let wait = match guard {
            Some(guard) => Wait::Foreign { guard },
            None => Wait::Retry { owner: None },
        };
        Ok(Claim::Waiting(Self { address, wait, pace, search }))
    }

    /// Tries for the port again, keeping the place in the line.
    ///
    /// # Errors
    /// As [`claim`](Self::claim).
    pub fn try_again(self) -> Result<Claim, BindError> {
        let (pace, guard) = match self.wait {
            Wait::Vigil { guard, since, .. } => (self.pace.after_vigil(since.elapsed()), guard),
            Wait::Foreign { guard } => (self.pace.after_pause(), Some(guard)),
            Wait::Retry { .. } => (self.pace.after_pause(), None),
        };
        match guard {
            Some(guard) => Self::bind(self.address, Some(guard), pace, self.search),
            None => Self::attempt(self.address, pace, self.search),
        }
    }

    /// Who has the port, where the system tells.
    pub fn owner(&self) -> Option<&Owner> {
        let named = match &self.wait {
            Wait::Vigil { owner, .. } | Wait::Retry { owner } => owner.as_ref(),
            Wait::Foreign { .. } => None,
        };
        named.or_else(|| self.search.owner())
    }

    /// Who is ahead.
    pub fn ahead(&self) -> Ahead {
        match self.wait {
            Wait::Vigil { .. } => Ahead::Ours,
            Wait::Foreign { .. } => Ahead::Foreign,
            Wait::Retry { .. } => Ahead::Unknown,
        }
    }

    /// How long to wait before trying again; `None` where the system tells when it is time.
    ///
    /// Short at first, since an owner that is going away may still be closing its sockets.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.wait {
            Wait::Vigil { .. } => None,
            Wait::Foreign { .. } | Wait::Retry { .. } => Some(self.pace.pause()),
        }
    }

    /// What guards the port while we are first in line for it.
    #[cfg(unix)]
    pub fn guard(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        match &self.wait {
            Wait::Foreign { guard } | Wait::Vigil { guard: Some(guard), .. } => Some(guard.as_fd()),
            Wait::Vigil { guard: None, .. } | Wait::Retry { .. } => None,
        }
    }

    /// What becomes readable when it is time to try again.
    #[cfg(unix)]
    pub fn wakes_on(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        match &self.wait {
            Wait::Vigil { vigil, .. } => Some(vigil.as_fd()),
            Wait::Foreign { .. } => Some(self.search.end()?.as_fd()),
            Wait::Retry { .. } => None,
        }
    }
}
