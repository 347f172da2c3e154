//! A UDP socket that says where each datagram was sent to and on which interface it arrived, and
//! sends from a chosen address by a chosen interface.

#[cfg(target_os = "linux")]
#[path = "linux/mod.rs"]
mod sys;
#[cfg(not(target_os = "linux"))]
#[path = "portable/mod.rs"]
mod sys;

mod given;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket as StdSocket};
use std::sync::atomic::{AtomicU64, Ordering};

use cooee_core::Transmit;
use socket2::{Domain, Protocol, Socket, Type};

pub use given::SocketError;
pub use sys::ReceiveBuffer;

/// An IPv4 UDP socket, non-blocking, able to broadcast, with a large receive buffer.
#[derive(Debug)]
pub struct UdpSocket {
    io: sys::Io,
    drops: AtomicU64,
    /// The kernel's counter when the socket became ours.
    drops_before: u32,
}

/// A datagram that the system refused to send.
#[derive(Debug)]
pub struct SendFailure<'a> {
    /// Its position in the batch.
    pub index: usize,
    /// What was to be sent.
    pub transmit: &'a Transmit,
    /// Why it was not.
    pub error: io::Error,
}

impl UdpSocket {
    /// What is asked for; Linux grants up to `net.core.rmem_max`. Ten thousand answers take 8 MiB
    /// of the kernel's accounting, which doubles what is asked for.
    const RECEIVE_BUFFER: usize = 4 << 20;

    /// Binds to `address`, so that no other socket can bind there while this one lives.
    ///
    /// # Errors
    /// As the system says: in use, not ours, not permitted.
    pub fn bind(address: SocketAddrV4) -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_broadcast(true)?;
        grow_receive_buffer(&socket);
        socket.bind(&SocketAddr::V4(address).into())?;
        Self::over(socket.into())
    }

    fn over(socket: StdSocket) -> io::Result<Self> {
        Ok(Self { io: sys::Io::new(socket)?, drops: AtomicU64::new(0), drops_before: 0 })
    }

    /// The address and port that it is bound to.
    ///
    /// # Errors
    /// As the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.as_std().local_addr()
    }

    /// Receives as many datagrams as are waiting, up to a batch, into `buffer`.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when none is waiting. After any other error the socket is
    /// still good, but the next attempt may fail at once.
    pub fn receive(&self, buffer: &mut ReceiveBuffer) -> io::Result<()> {
        self.io.receive(buffer)
    }

    /// Sends all of `batch`, in as few system calls as the system allows. Reports each datagram
    /// that it refuses, and goes on with the next.
    pub fn send(&self, batch: &[Transmit], failed: impl FnMut(SendFailure<'_>)) {
        self.io.send(batch, failed);
    }

    /// How many datagrams the kernel has dropped since the socket was opened or given because its
    /// receive buffer was full; `None` where the system does not tell.
    pub fn drops(&self) -> Option<u64> {
        let counter = self.io.drops()?.wrapping_sub(self.drops_before);
        // The kernel's counter is 32 bits wide, and wraps.
        let total = |before: u64| before + u64::from(counter.wrapping_sub(before as u32));
        let before =
            self.drops.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| Some(total(n)));
        Some(total(before.unwrap_or_default()))
    }

    /// The size of the receive buffer in bytes, as the system accounts it.
    ///
    /// # Errors
    /// As the system says.
    pub fn receive_buffer_size(&self) -> io::Result<usize> {
        socket2::SockRef::from(self.as_std()).recv_buffer_size()
    }

    /// The socket itself, to wait on.
    pub fn as_std(&self) -> &StdSocket {
        self.io.as_std()
    }
}

/// Asks for less and less until the system grants it: some refuse what they do not grant in full.
fn grow_receive_buffer(socket: &Socket) {
    let mut size = UdpSocket::RECEIVE_BUFFER;
    while socket.set_recv_buffer_size(size).is_err() && size > UdpSocket::RECEIVE_BUFFER / 64 {
        size /= 2;
    }
}

#[cfg(unix)]
impl std::os::fd::AsFd for UdpSocket {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.as_std().as_fd()
    }
}

#[cfg(unix)]
impl std::os::fd::AsRawFd for UdpSocket {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.as_std().as_raw_fd()
    }
}
