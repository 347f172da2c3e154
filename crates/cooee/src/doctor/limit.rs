//! How long an examination may take, and whether it is to go on.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// The end of an examination, which all its stages share.
#[derive(Clone, Copy)]
pub(super) struct Limit<'a> {
    stop: &'a AtomicBool,
    end: Instant,
}

impl<'a> Limit<'a> {
    /// How often to look whether it is to stop.
    const SLICE: Duration = Duration::from_millis(20);

    pub(super) fn new(stop: &'a AtomicBool, time: Duration) -> Self {
        Self { stop, end: Instant::now() + time }
    }

    pub(super) fn end(self) -> Instant {
        self.end
    }

    pub(super) fn is_stopped(self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn goes_on(self) -> bool {
        !self.is_stopped() && Instant::now() < self.end
    }

    /// The same for work that the system may refuse; `None` then too.
    pub(super) fn attempt<T: Send + 'static>(
        self,
        what: &str,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Option<T> {
        let done = self.within(work)?;
        done.inspect_err(|error| tracing::debug!(%error, "no {what}")).ok()
    }

    /// What `work` returns, which may block: it runs in a thread of its own, and is left behind if
    /// it is not through in time, or when the examination is stopped. `None` then, and if there is
    /// no thread for it.
    pub(super) fn within<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        if !self.goes_on() {
            return None;
        }
        let (done, result) = mpsc::channel();
        let working = thread::Builder::new().name("doctor".into()).spawn(move || {
            // Nobody waits for it any more if it took too long.
            let _ = done.send(work());
        });
        if let Err(error) = working {
            tracing::debug!(%error, "a stage is left out");
            return None;
        }
        loop {
            match result.recv_timeout(Self::SLICE) {
                Ok(result) => return Some(result),
                Err(RecvTimeoutError::Timeout) if self.goes_on() => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Far beyond what anything here takes.
    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn what_blocks_is_left_behind_when_it_is_stopped_and_at_the_end() {
        let stop = AtomicBool::new(false);
        let limit = Limit::new(&stop, LONG);
        assert_eq!(limit.within(|| 7), Some(7));
        thread::scope(|scope| {
            let (let_go, held) = mpsc::channel::<()>();
            let blocked = scope.spawn(move || limit.within(move || held.recv()));
            stop.store(true, Ordering::Relaxed);
            assert!(blocked.join().unwrap().is_none());
            drop(let_go);
        });
        assert_eq!(limit.within(|| 7), None, "nothing begins any more");

        let stop = AtomicBool::new(false);
        let (_let_go, held) = mpsc::channel::<()>();
        let short = Limit::new(&stop, Duration::from_millis(50));
        assert!(short.within(move || held.recv()).is_none());
        assert!(!short.goes_on() && !short.is_stopped());
    }
}
