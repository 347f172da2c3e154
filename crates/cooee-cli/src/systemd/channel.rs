//! The way to the service manager. That of `sd-notify` knows no abstract names, which containers
//! use, opens a socket for each message, and waits for the manager without end.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Channel {
    socket: UnixDatagram,
    manager: SocketAddr,
    /// Whether the last message did not get through.
    is_broken: AtomicBool,
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
        Ok(Self { socket, manager, is_broken: AtomicBool::new(false) })
    }

    /// Sends a message. What does not get through is logged, once until something does again.
    pub(super) fn send(&self, message: &str) {
        let sent = self.socket.send_to_addr(message.as_bytes(), &self.manager);
        let was_broken = self.is_broken.swap(sent.is_err(), Ordering::Relaxed);
        if let (Err(error), false) = (sent, was_broken) {
            tracing::warn!(target: super::LOG, %error, "the service manager cannot be told through NOTIFY_SOCKET");
        }
    }
}
