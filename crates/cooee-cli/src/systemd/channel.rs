//! The socket to the service manager. `sd-notify` has one too, but it does not support abstract
//! names, which containers use, opens a socket for each message, and may block without limit.

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
    /// Whether the last message was not delivered.
    is_broken: AtomicBool,
    /// A message that must be delivered and is not yet.
    owed: Mutex<Option<String>>,
}

impl Channel {
    /// The longest wait for a busy manager: meanwhile no probe is answered.
    const PATIENCE: Duration = Duration::from_millis(500);

    /// Opens a channel to the socket of this name: a path, or `@` and an abstract name.
    pub(super) fn open(name: &OsStr) -> io::Result<Self> {
        let manager = match name.as_bytes() {
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
            _ => SocketAddr::from_pathname(name)?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(Self::PATIENCE))?;
        Ok(Self { socket, manager, is_broken: AtomicBool::new(false), owed: Mutex::default() })
    }

    /// Whether the last message was delivered.
    pub(super) fn gets_through(&self) -> bool {
        !self.is_broken.load(Ordering::Relaxed)
    }

    /// Sends a message again and again until it is delivered or another such message replaces it:
    /// a manager that misses the one message of readiness ends the service.
    pub(super) fn insist(&self, message: &str) {
        *self.owed() = Some(message.to_owned());
        self.retry();
    }

    /// Whether a message is still to be delivered.
    pub(super) fn owes(&self) -> bool {
        self.owed().is_some()
    }

    /// Sends an undelivered message again. Returns whether none is left.
    pub(super) fn retry(&self) -> bool {
        let mut owed = self.owed();
        if owed.as_ref().is_some_and(|message| self.attempt(message)) {
            *owed = None;
        }
        owed.is_none()
    }

    /// Sends a message, after any undelivered one.
    pub(super) fn send(&self, message: &str) {
        if self.retry() {
            self.attempt(message);
        }
    }

    /// Logs a failure once, until a message is delivered again.
    fn attempt(&self, message: &str) -> bool {
        let sent = self.socket.send_to_addr(message.as_bytes(), &self.manager);
        let was_broken = self.is_broken.swap(sent.is_err(), Ordering::Relaxed);
        if let (Err(error), false) = (&sent, was_broken) {
            tracing::warn!(target: LOG, %error, "the service manager cannot be reached through NOTIFY_SOCKET");
        }
        sent.is_ok()
    }

    fn owed(&self) -> MutexGuard<'_, Option<String>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
