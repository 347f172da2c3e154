//! A discovery with the check of its servers, if there is one.

use std::io;
use std::net::TcpStream;
use std::time::Instant;

use cooee_core::{Ended, Outcome, Swept};

use super::calling::{Calling, Received};
use super::checks::{Checks, Connections};
use super::sockets::Sockets;
use crate::settings::Discovery;
use crate::{DiscoverError, Found, Server};

/// What the drivers turn: a discovery, and the connections to what it finds.
pub(crate) struct Searching {
    calling: Calling,
    checks: Option<Checks>,
    /// Whether the first server that accepts connections is enough.
    only_first: bool,
    /// Whether that was found.
    has_first: bool,
    /// Whether the addresses are checked that became known while the discovery ran.
    is_complete: bool,
}

impl Searching {
    /// Opens the sockets and sends the first round.
    pub(crate) fn begin(settings: Discovery) -> Result<Self, DiscoverError> {
        let (checks, only_first) = (settings.checks(), settings.checks_for_first());
        let calling = Calling::begin(settings)?;
        let checks = checks.then(|| Checks::new(calling.deadline()));
        Ok(Self { calling, checks, only_first, has_first: false, is_complete: false })
    }

    pub(crate) fn sockets(&self) -> &Sockets {
        self.calling.sockets()
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.calling.deadline()
    }

    pub(crate) fn swept(&self) -> Option<Swept> {
        self.calling.swept()
    }

    /// From now on no end of browsing is waited for.
    #[cfg(feature = "tokio")]
    pub(crate) fn never_wait(&mut self) {
        self.calling.never_wait();
    }

    /// Has `wake` called, in another thread, when there is news that no socket tells of.
    pub(crate) fn wake_by(&mut self, wake: impl Fn() + Send + Sync + 'static) {
        self.calling.wake_by(wake);
    }

    pub(crate) fn woke(&mut self, now: Instant) {
        self.calling.woke(now);
    }

    pub(crate) fn receive(&mut self, now: Instant) -> io::Result<Received> {
        self.calling.receive(now)
    }

    pub(crate) fn judge(&mut self, now: Instant, received: io::Result<Received>) -> Received {
        self.calling.judge(now, received)
    }

    /// When something is due; `None` when the discovery and the checks have ended.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let checks = self.checks.as_ref().and_then(Checks::poll_timeout);
        self.calling.poll_timeout().into_iter().chain(checks).min()
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.calling.handle_timeout(now);
        let Some(checks) = &mut self.checks else { return };
        checks.handle_timeout(now);
        if self.calling.is_over() && !std::mem::replace(&mut self.is_complete, true) {
            while let Some(server) = self.calling.next_server() {
                checks.begin(now, server);
            }
            checks.add(now, &self.calling.servers());
        }
    }

    /// The next server: at its first answer, or when it was checked. If one that accepts connections
    /// is enough, others are passed over.
    fn next_server(&mut self, now: Instant) -> Option<Server> {
        let Some(checks) = &mut self.checks else { return self.calling.next_server() };
        while let Some(server) = self.calling.next_server() {
            checks.begin(now, server);
        }
        if !self.only_first {
            return checks.next_decided();
        }
        let live = std::iter::from_fn(|| checks.next_decided()).find(Server::is_live)?;
        if std::mem::replace(&mut self.has_first, true) {
            return None;
        }
        self.stop(now);
        Some(live)
    }

    /// Does what is to do about servers and connections: takes note of those that were opened or
    /// refused, and begins those that are due. Returns the next server.
    pub(crate) fn turn<C>(
        &mut self,
        connections: &mut Connections<C>,
        mut watch: impl FnMut(TcpStream) -> io::Result<C>,
        mut look: impl FnMut(&mut C) -> Option<io::Result<()>>,
    ) -> Option<Server> {
        loop {
            // A connection within a host or a segment is opened before this is done.
            let now = Instant::now();
            if let Some(server) = self.next_server(now) {
                return Some(server);
            }
            if !connections.turn(self.checks.as_mut()?, now, &mut watch, &mut look) {
                return None;
            }
        }
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.calling.outcome().map(|outcome| self.as_ended(outcome))
    }

    /// Ends it, and says how it went.
    pub(crate) fn conclude(&mut self, now: Instant) -> Outcome {
        self.stop(now);
        self.outcome().expect("stopped just now, if not before")
    }

    /// Ends it early.
    pub(crate) fn stop(&mut self, now: Instant) {
        self.calling.stop(now);
        if let Some(checks) = &mut self.checks {
            checks.stop();
        }
    }

    /// Ends it, with all that was found.
    pub(crate) fn finish(mut self, now: Instant) -> Found {
        self.stop(now);
        let (has_first, only_first) = (self.has_first, self.only_first);
        let mut found = self.calling.finish(now);
        if let Some(checks) = &self.checks {
            checks.note(&mut found.servers);
        }
        if only_first {
            found.servers.retain(Server::is_live);
            found.servers.truncate(1);
        }
        if has_first {
            found.outcome.ended = Ended::First;
        }
        found
    }

    fn as_ended(&self, mut outcome: Outcome) -> Outcome {
        if self.has_first {
            outcome.ended = Ended::First;
        }
        outcome
    }
}
