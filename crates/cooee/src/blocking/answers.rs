use std::fmt;
use std::net::UdpSocket;
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use cooee_core::Outcome;

use super::waiter::{StopSignal, Waiter, Watched};
use crate::backoff::Backoff;
use crate::discovery::{Call, Received};
use crate::{DiscoverError, Found, Server};

/// The servers that answer, each when it first does.
///
/// The discovery goes on only while this is asked for more; drop it to end it.
#[must_use = "nothing is received until it is asked for"]
pub struct Answers {
    call: Call,
    waiter: Waiter,
    /// A duplicate, so that the engine can be turned while the poller has it.
    socket: Watched<UdpSocket>,
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

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").field("outcome", &self.call.outcome()).finish_non_exhaustive()
    }
}

impl Answers {
    pub(crate) fn start(call: Call) -> Result<Self, DiscoverError> {
        let system = || DiscoverError::system("opening a poller");
        let waiter = Waiter::new().map_err(system())?;
        let socket = call.socket().as_std().try_clone().map_err(system())?;
        let socket = waiter.watch(socket).map_err(system())?;
        Ok(Self { call, waiter, socket, backoff: Backoff::default() })
    }

    /// Something that can end this from another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.waiter.stop_signal())
    }

    /// What was done, and how complete it believes to be; `None` while it goes on.
    pub fn outcome(&self) -> Option<Outcome> {
        self.call.outcome()
    }

    /// When this is to be asked again even if the socket brings nothing: a probe is due, or the
    /// end. `None` when it is over.
    ///
    /// An event loop waits until then, or until the socket is readable, and asks
    /// [`next_within`](Self::next_within) no time at all.
    pub fn due(&self) -> Option<Instant> {
        self.call.poll_timeout()
    }

    /// Ends it, if it has not ended by itself, with the servers as they are known now: what a server
    /// said of itself replaces what another said of it before.
    pub fn finish(self) -> Found {
        self.call.finish(Instant::now())
    }

    /// Ends it, if it has not ended by itself.
    pub fn stop(mut self) -> Outcome {
        self.call.stop(Instant::now())
    }

    /// Waits for the next server, but no longer than `patience`.
    pub fn next_within(&mut self, patience: Duration) -> Next {
        self.next_until(Instant::now().checked_add(patience))
    }

    fn next_until(&mut self, patience: Option<Instant>) -> Next {
        loop {
            if let Some(server) = self.call.next_server() {
                return Next::Found(server);
            }
            let now = Instant::now();
            if self.waiter.is_stopping() {
                self.call.stop(now);
            }
            self.call.handle_timeout(now);
            let Some(due) = self.call.poll_timeout() else { return Next::Over };
            let attempt = self.call.receive(now);
            let received = self.call.judge(now, attempt);
            if patience.is_some_and(|patience| patience <= now) {
                return self.call.next_server().map_or(Next::Nothing, Next::Found);
            }
            let until = patience.map_or(due, |patience| patience.min(due));
            match received {
                Received::Some => self.backoff.reset(),
                Received::Nothing => {
                    self.waiter.wait(Some(until));
                }
                Received::Trouble => {
                    let pause = self.backoff.pause().min(until.saturating_duration_since(now));
                    self.waiter.pause(&self.socket, pause);
                }
            }
        }
    }
}

/// The socket that answers arrive on, for an event loop to wait for.
#[cfg(unix)]
impl AsFd for Answers {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.call.socket().as_std().as_fd()
    }
}

impl Iterator for Answers {
    type Item = Server;

    fn next(&mut self) -> Option<Server> {
        match self.next_until(None) {
            Next::Found(server) => Some(server),
            Next::Nothing | Next::Over => None,
        }
    }
}
