//! Waiting for a port: for what, and when to try again.

use std::net::SocketAddrV4;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cooee_core::OfferResponse;

use super::error::{BindError, is_of_taken_port};
use super::held::Held;
use super::owned_port::OwnedPort;
use super::owner::Owner;
use super::pace::Pace;
use super::search::{Search, owner_of, owner_of_rival};
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
/// has passed, whichever there is and comes first. Then [`hear`](Self::hear) until there is nothing
/// to hear, and if it [is time](Self::is_time), [`try_again`](Self::try_again).
#[derive(Debug)]
pub struct StandBy {
    line: Line,
    wait: Wait,
    pace: Pace,
}

/// What stays the same while a process waits.
#[derive(Debug)]
struct Line {
    address: SocketAddrV4,
    /// What the owner is asked to answer for, encoded.
    request: Option<Arc<[u8]>>,
    search: Box<Search>,
}

impl Line {
    fn look(&mut self) {
        self.search.look(sys::bound(self.address));
    }

    /// A connection to the guard, with what is offered.
    fn vigil(&self) -> Option<Vigil> {
        let vigil = Vigil::begin(self.address)?;
        self.request.iter().for_each(|request| vigil.request(request));
        Some(vigil)
    }
}

#[derive(Debug)]
enum Wait {
    /// Behind another of us: the kernel tells when it is gone.
    Vigil {
        vigil: Vigil,
        /// What is known of our offers, if they were handed over.
        asked: Option<Response>,
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
        /// A connection to a holder of the guard that is not trusted to have the port, but may
        /// answer for us.
        asked: Option<Asked>,
    },
}

#[derive(Debug)]
struct Asked {
    vigil: Vigil,
    response: Response,
}

/// What became of our offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Response {
    NoneYet,
    Taken,
    Refused,
}

impl Response {
    fn hear(&mut self, response: &OfferResponse) {
        match response {
            OfferResponse::Taken { .. } => *self = Self::Taken,
            OfferResponse::Refused(_) => *self = Self::Refused,
            _ => {}
        }
    }
}

impl StandBy {
    /// While an owner that is not trusted says that it answers for us, the port is tried this
    /// often: it might have the guard without the port.
    const CHECK: Duration = Duration::from_secs(60);

    /// Takes the port or a place in the line for it. Its owner is asked to answer for `request`, an
    /// encoded [`OfferRequest`](cooee_core::OfferRequest).
    ///
    /// # Errors
    /// Why waiting cannot help: [`BindError::NotPermitted`], [`BindError::NotOurs`],
    /// [`BindError::Other`].
    pub fn claim(address: SocketAddrV4, request: Option<Arc<[u8]>>) -> Result<Claim, BindError> {
        let line = Line { address, request, search: Box::default() };
        Self::attempt(line, Pace::default(), None)
    }

    /// A place in the line that is tried for a second from now, for when trying just failed.
    pub fn later(address: SocketAddrV4, request: Option<Arc<[u8]>>) -> Self {
        let line = Line { address, request, search: Box::default() };
        Self { line, wait: Wait::Retry { owner: None, asked: None }, pace: Pace::SETTLED }
    }

    fn attempt(mut line: Line, pace: Pace, asked: Option<Asked>) -> Result<Claim, BindError> {
        match Guard::acquire(line.address) {
            Ok(guard) => return Self::bind(line, guard, pace, None),
            Err(Held) if asked.is_some() => return Self::bind(line, None, pace, asked),
            Err(Held) => {}
        }
        let vigil = line.vigil();
        if vigil.as_ref().is_some_and(|vigil| !vigil.is_trusted()) {
            let asked = vigil.map(|vigil| Asked { vigil, response: Response::NoneYet });
            return Self::bind(line, None, pace, asked);
        }
        let owner = vigil.as_ref().and_then(Vigil::owner);
        if owner.is_none() && (pace.may_look() || line.search.is_due()) {
            line.look();
        }
        let wait = match vigil {
            Some(vigil) if pace.may_sleep() => {
                let asked = Some(Response::NoneYet);
                Wait::Vigil { vigil, asked, owner, guard: None, since: Instant::now() }
            }
            _ => Wait::Retry { owner, asked: None },
        };
        Ok(Claim::Waiting(Self { line, wait, pace }))
    }

    /// Tries for the port itself.
    fn bind(
        mut line: Line,
        guard: Option<Guard>,
        pace: Pace,
        asked: Option<Asked>,
    ) -> Result<Claim, BindError> {
        let address = line.address;
        let guard = match OwnedPort::take_guarded(address, guard) {
            Ok(port) => return Ok(Claim::Owned(port)),
            Err((guard, error)) if is_of_taken_port(address, &error) => guard,
            Err((_, error)) => return Err(BindError::new(address, error, None)),
        };
        if pace.may_look() || line.search.is_due() {
            let bound = sys::bound(address);
            let rival = if pace.may_sleep() { owner_of_rival(address, &bound) } else { None };
            let owner = rival.as_ref().and_then(Vigil::owner);
            if owner.is_none() {
                line.search.look(bound);
            }
            if let Some(vigil) = rival {
                // An owner of one address hears no broadcasts, and nothing for the others.
                let asked = (!address.ip().is_unspecified()).then(|| {
                    line.request.iter().for_each(|request| vigil.request(request));
                    Response::NoneYet
                });
                let wait = Wait::Vigil { vigil, asked, owner, guard, since: Instant::now() };
                return Ok(Claim::Waiting(Self { line, wait, pace }));
            }
        }
        let wait = match guard {
            Some(guard) => Wait::Foreign { guard },
            None => {
                let owner = asked.as_ref().and_then(|asked| asked.vigil.owner());
                Wait::Retry { owner, asked }
            }
        };
        Ok(Claim::Waiting(Self { line, wait, pace }))
    }

    /// Tries for the port again, keeping the place in the line.
    ///
    /// # Errors
    /// As [`claim`](Self::claim).
    pub fn try_again(self) -> Result<Claim, BindError> {
        let (pace, guard, asked) = match self.wait {
            Wait::Vigil { guard, since, .. } => {
                (self.pace.after_vigil(since.elapsed()), guard, None)
            }
            Wait::Foreign { guard } => (self.pace.after_pause(), Some(guard), None),
            Wait::Retry { asked, .. } => {
                let asked = asked.filter(|asked| !asked.vigil.has_ended());
                (self.pace.after_pause(), None, asked)
            }
        };
        match guard {
            Some(guard) => Self::bind(self.line, Some(guard), pace, None),
            None => Self::attempt(self.line, pace, asked),
        }
    }

    /// What the owner says of the offers next, if it has said something.
    pub fn hear(&mut self) -> Option<OfferResponse> {
        let (vigil, known) = match &mut self.wait {
            Wait::Vigil { vigil, asked, .. } => (vigil, asked.as_mut()),
            Wait::Retry { asked: Some(asked), .. } => (&mut asked.vigil, Some(&mut asked.response)),
            Wait::Foreign { .. } | Wait::Retry { asked: None, .. } => return None,
        };
        let response = vigil.hear()?;
        known.into_iter().for_each(|known| known.hear(&response));
        Some(response)
    }

    /// Waits for what the owner says of the offers, if that is one of us that was asked.
    pub fn await_response(&mut self, most: Duration) -> Option<OfferResponse> {
        let until = Instant::now() + most;
        loop {
            if let Some(response) = self.hear() {
                return Some(response);
            }
            let rest = until.saturating_duration_since(Instant::now());
            let (Wait::Vigil { vigil, asked: Some(_), .. }
            | Wait::Retry { asked: Some(Asked { vigil, .. }), .. }) = &self.wait
            else {
                return None;
            };
            if rest.is_zero() || vigil.has_ended() {
                return None;
            }
            vigil.wait(rest);
        }
    }

    /// Whether the owner answers for us, as far as it has said, and lives.
    pub fn is_answered_for(&self) -> bool {
        let (vigil, response) = match &self.wait {
            Wait::Vigil { vigil, asked: Some(response), .. } => (vigil, response),
            Wait::Retry { asked: Some(Asked { vigil, response }), .. } => (vigil, response),
            Wait::Vigil { .. } | Wait::Foreign { .. } | Wait::Retry { .. } => return false,
        };
        *response == Response::Taken && !vigil.has_ended()
    }

    /// Whether it is time to try again, after a wait and when there is nothing to hear.
    pub fn is_time(&self) -> bool {
        match &self.wait {
            Wait::Vigil { vigil, .. } => vigil.has_ended(),
            Wait::Foreign { .. } | Wait::Retry { .. } => true,
        }
    }

    /// Who has the port, where the system tells.
    pub fn owner(&self) -> Option<&Owner> {
        let named = match &self.wait {
            Wait::Vigil { owner, .. } | Wait::Retry { owner, .. } => owner.as_ref(),
            Wait::Foreign { .. } => None,
        };
        named.or_else(|| self.line.search.owner())
    }

    /// The same, looked for even where a process that is merely next in line is known.
    pub fn find_owner(&self) -> Option<Owner> {
        owner_of(self.line.address, self.owner()).or_else(|| self.owner().cloned())
    }

    /// Who is ahead.
    pub fn ahead(&self) -> Ahead {
        match self.wait {
            Wait::Vigil { .. } => Ahead::Ours,
            Wait::Foreign { .. } => Ahead::Foreign,
            Wait::Retry { .. } if self.is_answered_for() => Ahead::Ours,
            Wait::Retry { .. } => Ahead::Unknown,
        }
    }

    /// How long to wait before trying again; `None` where the system tells when it is time.
    ///
    /// Short at first, since an owner that is going away may still be closing its sockets.
    pub fn retry_after(&self) -> Option<Duration> {
        match &self.wait {
            Wait::Vigil { .. } => None,
            Wait::Retry { .. } if self.is_answered_for() => Some(Self::CHECK),
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

    /// What becomes readable when there is something to hear, or it is time to try again.
    #[cfg(unix)]
    pub fn wakes_on(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        match &self.wait {
            Wait::Vigil { vigil, .. } => Some(vigil.as_fd()),
            Wait::Foreign { .. } => Some(self.line.search.end()?.as_fd()),
            Wait::Retry { asked, .. } => {
                let asked = asked.as_ref().filter(|asked| !asked.vigil.has_ended())?;
                Some(asked.vigil.as_fd())
            }
        }
    }
}
