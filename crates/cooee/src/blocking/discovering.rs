use std::fmt;
use std::io;
use std::net::UdpSocket;
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use cooee_core::{Outcome, Swept};

use super::waiter::{StopSignal, Waiter, Watched};
use crate::engine::{Backoff, Calling, Received};
use crate::{DiscoverError, Discovery, Found, Server, Wait};

/// The servers that answer, each when it first does.
///
/// The discovery goes on only while this is asked for more; drop it to end it.
#[must_use = "nothing is received until it is asked for"]
pub struct Servers {
    calling: Calling,
    waiter: Waiter,
    /// Duplicates, so that the engine can be turned while the poller has them.
    sockets: Vec<Watched<UdpSocket>>,
    backoff: Backoff,
}

/// What a wait for the next server brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// A server that was not heard before.
    Found(Server),
    /// Nothing within the time given; the discovery goes on.
    Nothing,
    /// Nothing more: the discovery is over.
    Over,
}

/// Ends a discovery from another thread.
#[derive(Debug, Clone)]
pub struct Stopper(StopSignal);

impl Stopper {
    /// Ends it: what waits for the next server returns at once.
    pub fn stop(&self) {
        self.0.stop();
    }
}

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Servers").field("outcome", &self.calling.outcome()).finish_non_exhaustive()
    }
}

impl Servers {
    pub(crate) fn start(calling: Calling) -> Result<Self, DiscoverError> {
        let system = || DiscoverError::system("opening a poller");
        let waiter = Waiter::new().map_err(system())?;
        let sockets = calling.sockets().iter();
        let sockets = sockets.map(|(_, socket)| waiter.watch(socket.as_std().try_clone()?));
        let sockets = sockets.collect::<io::Result<_>>().map_err(system())?;
        Ok(Self { calling, waiter, sockets, backoff: Backoff::default() })
    }

    /// Something that can end this from another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.waiter.stop_signal())
    }

    /// What was done, and how complete it believes to be; `None` while it goes on.
    pub fn outcome(&self) -> Option<Outcome> {
        self.calling.outcome()
    }

    /// When it ends at the latest.
    pub fn deadline(&self) -> Instant {
        self.calling.deadline()
    }

    /// How far the sweep of [subnets](crate::Discovery::subnet) has come; `None` without one.
    pub fn swept(&self) -> Option<Swept> {
        self.calling.swept()
    }

    /// When this is to be asked again even if the socket brings nothing: a probe is due, or the
    /// end. `None` when it is over.
    ///
    /// An event loop waits until then, or until the socket is readable, and asks
    /// [`next_within`](Self::next_within) no time at all.
    pub fn due(&self) -> Option<Instant> {
        self.calling.poll_timeout()
    }

    /// Ends it, if it has not ended by itself, with the servers as they are known now: what a server
    /// said of itself replaces what another said of it before.
    pub fn finish(self) -> Found {
        self.calling.finish(Instant::now())
    }

    /// Ends it, if it has not ended by itself.
    pub fn stop(mut self) -> Outcome {
        self.calling.stop(Instant::now())
    }

    /// Waits for the next server, but no longer than `patience`.
    pub fn next_within(&mut self, patience: Duration) -> Next {
        self.next_until(Instant::now().checked_add(patience))
    }

    /// Says that an event loop has waited until now for the [descriptor](AsFd) or for
    /// [`due`](Self::due), so that what [`next_within`](Self::next_within) finds arrived just now.
    /// Without it, the round trip of a server that takes a few milliseconds stays unknown.
    pub fn woke(&mut self) {
        self.calling.woke(Instant::now());
    }

    fn next_until(&mut self, patience: Option<Instant>) -> Next {
        loop {
            if let Some(server) = self.calling.next_server() {
                return Next::Found(server);
            }
            let now = Instant::now();
            if self.waiter.is_stopping() {
                self.calling.stop(now);
            }
            self.calling.handle_timeout(now);
            if self.calling.poll_timeout().is_none() {
                return self.calling.next_server().map_or(Next::Over, Next::Found);
            }
            let attempt = self.calling.receive(now);
            let received = self.calling.judge(now, attempt);
            if patience.is_some_and(|patience| patience <= now) {
                return self.calling.next_server().map_or(Next::Nothing, Next::Found);
            }
            // What was received may have been all that was missing.
            let Some(due) = self.calling.poll_timeout() else { continue };
            let until = patience.map_or(due, |patience| patience.min(due));
            match received {
                Received::Some => self.backoff.reset(),
                Received::Nothing => {
                    self.waiter.wait(Some(until));
                    self.calling.woke(Instant::now());
                }
                Received::Trouble => {
                    let pause = self.backoff.pause().min(until.saturating_duration_since(now));
                    self.waiter.pause(&self.sockets, pause);
                    self.calling.woke(Instant::now());
                }
            }
        }
    }
}

/// What becomes readable when answers arrive, for an event loop to wait for.
#[cfg(unix)]
impl AsFd for Servers {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.waiter.as_fd()
    }
}

impl Iterator for Servers {
    type Item = Server;

    fn next(&mut self) -> Option<Server> {
        match self.next_until(None) {
            Next::Found(server) => Some(server),
            Next::Nothing | Next::Over => None,
        }
    }
}

impl Discovery {
    /// Calls, and waits until it is over.
    ///
    /// # Errors
    /// [`DiscoverError`]: the first setting that cannot work, or why nobody could be called. That
    /// nobody answers is no error.
    pub fn run(&self) -> Result<Found, DiscoverError> {
        let mut servers = self.servers()?;
        servers.by_ref().for_each(drop);
        Ok(servers.finish())
    }

    /// Calls, and waits for one answer. `None` if none comes before the timeout.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn first(&self) -> Result<Option<Server>, DiscoverError> {
        Ok(self.until(Wait::First).servers()?.next())
    }

    /// Calls, and gives each server when it first answers.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn servers(&self) -> Result<Servers, DiscoverError> {
        Servers::start(Calling::begin(self.clone())?)
    }
}
