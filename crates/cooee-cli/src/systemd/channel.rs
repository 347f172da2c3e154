//! The way to the service manager. That of `sd-notify` knows no abstract names, which containers
//! use, opens a socket for each message, and waits for the manager without end.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The target of log events about the service manager; fixed, so that renaming a module keeps it.
pub(super) const LOG: &str = "cooee::systemd";

#[derive(Debug)]
pub(super) struct Channel {
    socket: UnixDatagram,
    manager: SocketAddr,
    /// Whether the last message did not get through.
    is_broken: AtomicBool,
    /// What must get through and did not yet.
    owed: Mutex<Option<String>>,
}

impl Channel {
    /// The responder waits for a busy manager no longer than this: it has others to answer.
    const PATIENCE: Duration = Duration::from_millis(500);

    /// To the socket of this name, a path, or `@` and an abstract name.
    pub(super) fn open(name: &OsStr) -> io::Result<Self> {
        let manager = match name.as_bytes() {
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
            _ => SocketAddr::from_pathname(name)?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(Self::PATIENCE))?;
        Ok(Self { socket, manager, is_broken: AtomicBool::new(false), owed: Mutex::default() })
    }

    /// Whether the last message got through.
    pub(super) fn gets_through(&self) -> bool {
        !self.is_broken.load(Ordering::Relaxed)
    }

    /// Sends a message that is sent again until it gets through, or another such message takes its
    /// place: that a service is ready is said once, and a manager that never hears of it ends the
    /// service.
    pub(super) fn insist(&self, message: &str) {
        *self.owed() = Some(message.to_owned());
        self.retry();
    }

    /// Whether a message did not get through yet that must.
    pub(super) fn owes(&self) -> bool {
        self.owed().is_some()
    }

    /// Sends again what must get through, if it did not. Says whether nothing is owed any more.
    pub(super) fn retry(&self) -> bool {
        let mut owed = self.owed();
        if owed.as_ref().is_some_and(|message| self.attempt(message)) {
            *owed = None;
        }
        owed.is_none()
    }

    /// Sends a message, behind what is owed.
    pub(super) fn send(&self, message: &str) {
        if self.retry() {
            self.attempt(message);
        }
    }

    /// What does not get through is logged, once until something does again.
    fn attempt(&self, message: &str) -> bool {
        let sent = self.socket.send_to_addr(message.as_bytes(), &self.manager);
        let was_broken = self.is_broken.swap(sent.is_err(), Ordering::Relaxed);
        if let (Err(error), false) = (&sent, was_broken) {
            tracing::warn!(target: LOG, %error, "the service manager cannot be told through NOTIFY_SOCKET");
        }
        sent.is_ok()
    }

    fn owed(&self) -> MutexGuard<'_, Option<String>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
