use std::fmt;
use std::io;
use std::net::{TcpStream, UdpSocket};
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cooee_core::{Outcome, Swept};
use cooee_udp::connected;

use super::waiter::{StopSignal, Waiter, Watched};
use crate::engine::{Backoff, Connections, Received, Searching};
use crate::{DiscoverError, Discovery, Found, Server, Wait};

/// An iterator over the servers of a running discovery; yields each at its first answer.
///
/// The discovery advances only while the next server is awaited. Drop the iterator to end it.
#[must_use = "nothing is received until it is asked for"]
pub struct Servers {
    calling: Searching,
    waiter: Waiter,
    /// Duplicates, so that the engine can be turned while the poller has them.
    sockets: Vec<Watched<UdpSocket>>,
    /// Those that are opened to see whether servers accept them.
    connections: Connections<Watched<TcpStream>>,
    backoff: Backoff,
    /// Whether a thread beside this one has something to tell.
    is_called: Arc<AtomicBool>,
}

/// The result of waiting for the next server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// A server that was not heard before.
    Found(Server),
    /// No new server within the given time; the discovery still runs.
    Nothing,
    /// The discovery has ended.
    Over,
}

/// Ends a discovery or a live view from another thread.
#[derive(Debug, Clone)]
pub struct Stopper(StopSignal);

impl Stopper {
    pub(super) fn new(signal: StopSignal) -> Self {
        Self(signal)
    }

    /// Ends the discovery or the view. A thread that waits for what is next returns at once.
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
    pub(crate) fn start(mut calling: Searching) -> Result<Self, DiscoverError> {
        let system = || DiscoverError::system("opening a poller");
        let waiter = Waiter::new().map_err(system())?;
        let sockets = calling.sockets().iter();
        let sockets = sockets.map(|(_, socket)| waiter.watch(socket.as_std().try_clone()?));
        let sockets = sockets.collect::<io::Result<_>>().map_err(system())?;
        let connections = Connections::default();
        let is_called = Arc::new(AtomicBool::new(false));
        let (signal, called) = (waiter.stop_signal(), Arc::clone(&is_called));
        calling.wake_by(move || {
            called.store(true, Ordering::Release);
            signal.wake();
        });
        Ok(Self { calling, waiter, sockets, connections, backoff: Backoff::default(), is_called })
    }

    /// A handle that ends the discovery from another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.waiter.stop_signal())
    }

    /// How the discovery went and how complete it probably is; `None` while it runs.
    pub fn outcome(&self) -> Option<Outcome> {
        self.calling.outcome()
    }

    /// The latest end of the discovery.
    pub fn deadline(&self) -> Instant {
        self.calling.deadline()
    }

    /// The progress of the sweep over [subnets](crate::Discovery::subnet); `None` without one.
    pub fn swept(&self) -> Option<Swept> {
        self.calling.swept()
    }

    /// When the next probe or the end is due; `None` after the end.
    ///
    /// An event loop waits until then, or until the [descriptor](AsFd) is readable, and calls
    /// [`next_within`](Self::next_within) with a zero duration.
    pub fn due(&self) -> Option<Instant> {
        self.calling.poll_timeout()
    }

    /// Ends the discovery if it still runs, and returns all servers, brought up to date: an answer
    /// from a server itself replaces what another host said about it.
    pub fn finish(self) -> Found {
        self.calling.finish(Instant::now())
    }

    /// Ends the discovery if it still runs.
    pub fn stop(mut self) -> Outcome {
        self.calling.conclude(Instant::now())
    }

    /// Waits for the next server, at most as long as `patience`.
    pub fn next_within(&mut self, patience: Duration) -> Next {
        self.next_until(Instant::now().checked_add(patience))
    }

    /// Notes that an event loop was idle until now, waiting for the [descriptor](AsFd) or for
    /// [`due`](Self::due): datagrams that [`next_within`](Self::next_within) reads then have just
    /// arrived. Without this call, round trips of more than a few milliseconds are unknown.
    pub fn woke(&mut self) {
        self.calling.woke(Instant::now());
    }

    /// The next server that is known, after a look at the connections.
    fn turn(&mut self) -> Option<Server> {
        let waiter = &self.waiter;
        self.calling.turn(
            &mut self.connections,
            |stream| waiter.watch_writable(stream),
            |stream| connected(stream.source()),
        )
    }

    fn next_until(&mut self, patience: Option<Instant>) -> Next {
        loop {
            if self.is_called.swap(false, Ordering::AcqRel) {
                // Else the descriptor stays readable. What is told from here on wakes again.
                self.waiter.take_wakes();
            }
            // Connections that were opened in time are looked at before timers are.
            if let Some(server) = self.turn() {
                return Next::Found(server);
            }
            let now = Instant::now();
            if self.waiter.is_stopping() {
                self.calling.stop(now);
            }
            self.calling.handle_timeout(now);
            if let Some(server) = self.turn() {
                return Next::Found(server);
            }
            if self.calling.poll_timeout().is_none() {
                return Next::Over;
            }
            let attempt = self.calling.receive(now);
            let received = self.calling.judge(now, attempt);
            if patience.is_some_and(|patience| patience <= now) {
                return self.turn().map_or(Next::Nothing, Next::Found);
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

/// A descriptor that becomes readable when answers arrive, for use in an event loop.
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
    /// Runs the discovery to its end.
    ///
    /// # Errors
    /// [`DiscoverError`]: the first invalid setting, or why no probe could be sent. Finding no server
    /// is not an error.
    pub fn run(&self) -> Result<Found, DiscoverError> {
        let mut servers = self.servers()?;
        servers.by_ref().for_each(drop);
        Ok(servers.finish())
    }

    /// Returns the first server that answers; `None` if none does before the timeout.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn first(&self) -> Result<Option<Server>, DiscoverError> {
        Ok(self.until(Wait::First).servers()?.next())
    }

    /// Sends the first probes, and returns an iterator over the servers as they answer.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn servers(&self) -> Result<Servers, DiscoverError> {
        Servers::start(Searching::begin(self.clone())?)
    }
}
