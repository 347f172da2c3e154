//! Receiving that fails as a test wants, on every system.

use std::cell::Cell;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

/// Before each attempt of a socket to receive that the system sees, so many fail.
#[derive(Clone, Copy, Debug)]
pub struct Storm {
    /// How many fail in a row.
    pub failures: u32,
    /// With what.
    pub error: fn() -> io::Error,
}

thread_local! {
    static AHEAD: Cell<Option<Storm>> = const { Cell::new(None) };
}

impl Storm {
    /// Has it come over all sockets that this thread makes meanwhile.
    pub fn over_sockets_of<T>(self, work: impl FnOnce() -> T) -> T {
        AHEAD.set(Some(self));
        let made = work();
        AHEAD.set(None);
        made
    }
}

/// What comes over one socket.
#[derive(Debug)]
pub(super) struct Weather {
    storm: Option<Storm>,
    failed: AtomicU32,
}

impl Weather {
    pub(super) fn ahead() -> Self {
        Self { storm: AHEAD.get(), failed: AtomicU32::new(0) }
    }

    /// # Errors
    /// The storm's, as often as it says.
    pub(super) fn endure(&self) -> io::Result<()> {
        let Some(Storm { failures, error }) = self.storm else { return Ok(()) };
        if self.failed.fetch_add(1, Ordering::Relaxed) < failures {
            return Err(error());
        }
        self.failed.store(0, Ordering::Relaxed);
        Ok(())
    }
}
