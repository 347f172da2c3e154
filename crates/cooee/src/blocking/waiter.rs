//! Waiting for sockets, a deadline, or a call from another thread, whichever is first.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use polling::{AsRawSource, AsSource, Event, Events, PollMode, Poller};

/// Sources have the same key, and who was waiting looks at all of them; but for one that is only
/// looked at when it is readable.
const KEY: usize = 0;
const APART: usize = 1;

/// Waits, and can be told from elsewhere to stop.
pub(super) struct Waiter {
    poller: Arc<Poller>,
    events: Events,
    stopping: Arc<AtomicBool>,
    broken: bool,
}

/// Tells a [`Waiter`] to stop.
#[derive(Debug, Clone)]
pub(super) struct StopSignal {
    poller: Arc<Poller>,
    stopping: Arc<AtomicBool>,
}

impl StopSignal {
    /// Never closes the poller, whose number may be another's.
    pub(super) fn abandon(&self) {
        std::mem::forget(self.clone());
    }

    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.wake();
    }

    /// Has the wait return without anything to be read.
    pub(super) fn wake(&self) {
        if let Err(error) = self.poller.notify() {
            tracing::warn!(%error, "a waiting thread could not be woken");
        }
    }
}

/// A source that is waited for while this lives.
pub(super) struct Watched<S: AsSource> {
    poller: Arc<Poller>,
    key: usize,
    source: S,
}

impl Waiter {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            poller: Arc::new(Poller::new()?),
            events: Events::new(),
            stopping: Arc::default(),
            broken: false,
        })
    }

    pub(super) fn stop_signal(&self) -> StopSignal {
        StopSignal { poller: Arc::clone(&self.poller), stopping: Arc::clone(&self.stopping) }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.broken || self.stopping.load(Ordering::Acquire)
    }

    /// Waits for `source` to become readable too, as long as what is returned lives.
    pub(super) fn watch<S>(&self, source: S) -> io::Result<Watched<S>>
    where
        S: AsSource,
        for<'s> &'s S: AsRawSource,
    {
        self.watch_for(Event::readable(KEY), source)
    }

    /// The same for the source that [`has_woken_apart`](Self::has_woken_apart) tells of.
    pub(super) fn watch_apart<S>(&self, source: S) -> io::Result<Watched<S>>
    where
        S: AsSource,
        for<'s> &'s S: AsRawSource,
    {
        self.watch_for(Event::readable(APART), source)
    }

    /// Whether the source that is watched apart was readable when it last waited.
    pub(super) fn has_woken_apart(&self) -> bool {
        self.events.iter().any(|event| event.key == APART)
    }

    /// The same until `source` becomes writable.
    pub(super) fn watch_writable<S>(&self, source: S) -> io::Result<Watched<S>>
    where
        S: AsSource,
        for<'s> &'s S: AsRawSource,
    {
        self.watch_for(Event::writable(KEY), source)
    }

    fn watch_for<S>(&self, event: Event, source: S) -> io::Result<Watched<S>>
    where
        S: AsSource,
        for<'s> &'s S: AsRawSource,
    {
        let key = event.key;
        // SAFETY: `Watched` owns the source and removes it before the source is closed.
        let added = unsafe { self.poller.add_with_mode(&source, event, PollMode::Level) };
        if let Err(error) = added {
            let is_shortage = [ErrorKind::OutOfMemory, ErrorKind::StorageFull];
            if !is_shortage.contains(&error.kind()) {
                // One of the two is not what it was, so that the number may be another's by now.
                std::mem::forget(source);
            }
            return Err(error);
        }
        Ok(Watched { poller: Arc::clone(&self.poller), key, source })
    }

    /// Waits for a while for nothing but to be told to stop, though `troubled` may be readable.
    pub(super) fn pause<S: AsSource>(&mut self, troubled: &[Watched<S>], pause: Duration) {
        troubled.iter().for_each(|source| source.listen_for(Event::none(source.key)));
        self.wait(Some(Instant::now() + pause));
        troubled.iter().for_each(|source| source.listen_for(Event::readable(source.key)));
    }

    /// Readable when something that is watched is.
    #[cfg(unix)]
    pub(super) fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        std::os::fd::AsFd::as_fd(&*self.poller)
    }

    /// Waits until something that is watched is readable, it is told to stop, or `until` is
    /// reached; without `until`, for ever. Says whether something is readable.
    pub(super) fn wait(&mut self, until: Option<Instant>) -> bool {
        let timeout = until.map(|until| until.saturating_duration_since(Instant::now()));
        self.events.clear();
        if self.is_stopping() || timeout == Some(Duration::ZERO) {
            return false;
        }
        if let Err(error) = self.poller.wait(&mut self.events, timeout)
            && error.kind() != ErrorKind::Interrupted
        {
            tracing::error!(%error, "waiting is not possible any more");
            self.broken = true;
        }
        !self.events.is_empty()
    }

    /// Takes note of what has woken it, without waiting.
    pub(super) fn take_wakes(&mut self) {
        self.events.clear();
        if let Err(error) = self.poller.wait(&mut self.events, Some(Duration::ZERO)) {
            tracing::debug!(%error, "what wakes could not be taken note of");
        }
    }

    /// From now on returns from waiting when Windows says that interfaces have changed.
    #[cfg(windows)]
    pub(super) fn wake_on_changes(&self, watch: &cooee_udp::InterfaceWatch) {
        let waiter = self.stop_signal();
        watch.wake_by(move || waiter.wake());
    }

    /// Whether the system refused to wait: somebody has closed the descriptors of this process, as
    /// daemons do that close all they know nothing of.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Lets go of the poller and of what was waited for without closing anything: the descriptors
    /// were closed by somebody else, and their numbers may name another's files by now.
    pub(super) fn abandon<T>(&self, waited_for: T) {
        std::mem::forget(waited_for);
        self.stop_signal().abandon();
    }
}

impl<S: AsSource> Watched<S> {
    pub(super) fn source(&self) -> &S {
        &self.source
    }
}

impl<S: AsSource> Watched<S> {
    fn listen_for(&self, event: Event) {
        if let Err(error) = self.poller.modify_with_mode(&self.source, event, PollMode::Level) {
            tracing::warn!(%error, "what a source is polled for could not be changed");
        }
    }
}

impl<S: AsSource> Drop for Watched<S> {
    fn drop(&mut self) {
        if let Err(error) = self.poller.delete(&self.source) {
            tracing::debug!(%error, "a source could not be removed from the poller");
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs::File;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixDatagram;

    use super::*;

    #[test]
    fn what_cannot_be_watched_since_the_poller_is_gone_is_not_closed() {
        let waiter = Waiter::new().expect("a poller");
        let file = File::open("/dev/null").expect("a file");
        // SAFETY: both are open, and the owner of the number owns its file from now on.
        unsafe { libc::dup2(file.as_raw_fd(), waiter.poller.as_raw_fd()) };
        let (source, peer) = UnixDatagram::pair().expect("sockets");
        assert!(waiter.watch(source).is_err());
        peer.send(b"still there?").expect("the other end is open");
    }
}
