use std::fmt;
use std::io;
use std::net::UdpSocket;
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::discovering::Stopper;
use super::waiter::{Waiter, Watched};
use crate::engine::{Backoff, Received, Watching};
use crate::{DiscoverError, Discovery, Presence, Server};

/// A live view of the servers: an iterator over what happens to them, which ends when it is
/// [stopped](Self::stopper).
///
/// Made by [`Discovery::watch`]. The view advances only while the next event is awaited, and keeps at
/// most one event for each server, so one that is awaited late tells what is so by then.
#[must_use = "nothing is received until it is asked for"]
pub struct Browser {
    watching: Watching,
    waiter: Waiter,
    /// Duplicates, so that the engine can be turned while the poller has them.
    sockets: Vec<Watched<UdpSocket>>,
    #[cfg(unix)]
    _interfaces: Option<Watched<OwnedFd>>,
    backoff: Backoff,
    /// Whether a thread beside this one has something to tell.
    is_called: Arc<AtomicBool>,
}

/// The result of waiting for what happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "one at a time is handed on, and not kept")]
pub enum NextPresence {
    /// Something happened to a server.
    Event(Presence),
    /// Nothing did within the given time.
    Nothing,
    /// The view was stopped.
    Over,
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser").finish_non_exhaustive()
    }
}

impl Browser {
    fn start(mut watching: Watching) -> Result<Self, DiscoverError> {
        let system = || DiscoverError::system("opening a poller");
        let waiter = Waiter::new().map_err(system())?;
        let sockets = watching.sockets().iter();
        let sockets = sockets.map(|(_, socket)| waiter.watch(socket.as_std().try_clone()?));
        let sockets = sockets.collect::<io::Result<_>>().map_err(system())?;
        #[cfg(unix)]
        let interfaces = {
            let source = watching.interface_watch().and_then(cooee_udp::InterfaceWatch::wakes_on);
            let watched = source.map(|source| waiter.watch(source.try_clone_to_owned()?));
            watched.transpose().map_err(system())?
        };
        #[cfg(windows)]
        watching.interface_watch().into_iter().for_each(|watch| waiter.wake_on_changes(watch));
        let is_called = Arc::new(AtomicBool::new(false));
        let (signal, called) = (waiter.stop_signal(), Arc::clone(&is_called));
        watching.wake_by(move || {
            called.store(true, Ordering::Release);
            signal.wake();
        });
        Ok(Self {
            watching,
            waiter,
            sockets,
            #[cfg(unix)]
            _interfaces: interfaces,
            backoff: Backoff::default(),
            is_called,
        })
    }

    /// A handle that ends the view from another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper::new(self.waiter.stop_signal())
    }

    /// The servers that are there now, in the order in which they were found.
    pub fn servers(&mut self) -> Vec<Server> {
        self.watching.servers()
    }

    /// When the next probe is due; `None` after the end.
    ///
    /// An event loop waits until then, or until the [descriptor](AsFd) is readable, and calls
    /// [`next_within`](Self::next_within) with a zero duration.
    pub fn due(&self) -> Option<Instant> {
        self.watching.poll_timeout()
    }

    /// Notes that an event loop was idle until now, waiting for the [descriptor](AsFd) or for
    /// [`due`](Self::due). Without this call, changes of interfaces are noticed at the next probe.
    pub fn woke(&mut self) {
        self.watching.woke(Instant::now());
    }

    /// Waits for the next event, at most as long as `patience`.
    pub fn next_within(&mut self, patience: Duration) -> NextPresence {
        self.next_until(Instant::now().checked_add(patience))
    }

    fn next_until(&mut self, patience: Option<Instant>) -> NextPresence {
        loop {
            if let Some(event) = self.watching.next_event() {
                return NextPresence::Event(event);
            }
            if self.waiter.is_stopping() {
                self.watching.stop();
                return NextPresence::Over;
            }
            if self.is_called.swap(false, Ordering::AcqRel) {
                // Else the descriptor stays readable.
                self.waiter.take_wakes();
            }
            let now = Instant::now();
            // What is due is done first: a driver that is asked again and again has to get to it.
            self.watching.handle_timeout(now);
            let attempt = self.watching.receive(now);
            let received = self.watching.judge(now, attempt);
            if let Some(event) = self.watching.next_event() {
                return NextPresence::Event(event);
            }
            if patience.is_some_and(|patience| patience <= now) {
                return NextPresence::Nothing;
            }
            let until = [patience, self.watching.poll_timeout()].into_iter().flatten().min();
            match received {
                Received::Some => self.backoff.reset(),
                Received::Nothing => {
                    self.waiter.wait(until);
                    self.watching.woke(Instant::now());
                }
                Received::Trouble => {
                    let longest = until.map(|until| until.saturating_duration_since(now));
                    let pause = self.backoff.pause();
                    self.waiter.pause(&self.sockets, longest.map_or(pause, |it| it.min(pause)));
                    self.watching.woke(Instant::now());
                }
            }
        }
    }
}

/// A descriptor that becomes readable when answers arrive or interfaces change, for use in an event
/// loop.
#[cfg(unix)]
impl AsFd for Browser {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.waiter.as_fd()
    }
}

impl Iterator for Browser {
    type Item = Presence;

    fn next(&mut self) -> Option<Presence> {
        match self.next_until(None) {
            NextPresence::Event(event) => Some(event),
            NextPresence::Nothing | NextPresence::Over => None,
        }
    }
}

impl Discovery {
    /// Sends the first probes, and returns a live view: an iterator that yields servers as they are
    /// found, as they change and when they are gone.
    ///
    /// It probes as a discovery does at first, then once a second for 30 s after anything has
    /// happened, then less and less often, every 30 s at the least; and at once when this host's
    /// interfaces change. It goes on where no interface can be used yet. [`timeout`](Self::timeout),
    /// [`retries`](Self::retries), [`wait`](Self::wait), [`check`](Self::check) and
    /// [`sweep_if_nobody`](Self::sweep_if_nobody) say nothing here; subnets are swept once, at the
    /// beginning.
    ///
    /// ```no_run
    /// for event in cooee::Discovery::new().watch()? {
    ///     println!("{} {}", event.as_str(), event.server());
    /// }
    /// # Ok::<(), cooee::DiscoverError>(())
    /// ```
    ///
    /// # Errors
    /// [`DiscoverError`]: the first invalid setting, an interface that is named and does not exist,
    /// or what the system refused.
    pub fn watch(&self) -> Result<Browser, DiscoverError> {
        Browser::start(Watching::begin(self.clone())?)
    }
}
