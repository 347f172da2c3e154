//! Waiting for what an engine is told by besides its sockets.

use std::io;
#[cfg(unix)]
use std::os::fd::{BorrowedFd, OwnedFd};
#[cfg(windows)]
use std::sync::Arc;

use cooee_udp::InterfaceWatch;
#[cfg(unix)]
use tokio::io::{Interest, unix::AsyncFd};

/// Waits for changes.
#[cfg_attr(windows, derive(Default))]
pub(super) struct Source {
    #[cfg(unix)]
    duplicate: Option<AsyncFd<OwnedFd>>,
    #[cfg(windows)]
    notice: Arc<tokio::sync::Notify>,
}

impl Source {
    /// Waits until `source` is readable; for ever without one.
    #[cfg(unix)]
    pub(super) fn new(source: Option<BorrowedFd<'_>>) -> io::Result<Self> {
        let duplicate = source.map(|of| readable(of.try_clone_to_owned()?)).transpose()?;
        Ok(Self { duplicate })
    }

    /// Waits for changes of interfaces.
    #[cfg(unix)]
    pub(super) fn of_interfaces(watch: Option<&InterfaceWatch>) -> io::Result<Self> {
        Self::new(watch.and_then(InterfaceWatch::wakes_on))
    }

    #[cfg(windows)]
    pub(super) fn of_interfaces(watch: Option<&InterfaceWatch>) -> io::Result<Self> {
        let source = Self::default();
        if let Some(watch) = watch {
            let notice = Arc::clone(&source.notice);
            watch.wake_by(move || notice.notify_one());
        }
        Ok(source)
    }

    /// Returns when something changed. The engine then reads all there is to read about it.
    #[cfg(unix)]
    pub(super) async fn changed(&self) -> io::Result<()> {
        match &self.duplicate {
            Some(source) => {
                source.readable().await?.clear_ready();
                Ok(())
            }
            None => std::future::pending().await,
        }
    }

    #[cfg(windows)]
    pub(super) async fn changed(&self) -> io::Result<()> {
        self.notice.notified().await;
        Ok(())
    }
}

/// Registers a descriptor with the runtime, to wait until it is readable.
#[cfg(unix)]
pub(super) fn readable(source: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: the descriptor is owned by what is returned, and closed only after that has
    // deregistered it.
    let registered = unsafe { AsyncFd::register_with_interest(source, Interest::READABLE) };
    registered.map_err(io::Error::from)
}
