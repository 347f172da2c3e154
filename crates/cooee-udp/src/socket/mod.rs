//! A UDP socket that says where each datagram was sent to and on which interface it arrived, and
//! sends from a chosen address by a chosen interface.

#[cfg(target_os = "linux")]
#[path = "linux/mod.rs"]
mod sys;
#[cfg(not(target_os = "linux"))]
#[path = "portable/mod.rs"]
mod sys;

mod counters;
#[cfg(windows)]
mod exclusive;
mod failure;
mod family;
mod given;
mod memory;
mod refusal;
#[cfg(feature = "storms")]
mod storm;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv6Addr, SocketAddr, UdpSocket as StdSocket};

use cooee_core::Transmit;
use socket2::{Domain, Protocol, Socket, Type};

pub use failure::SendFailure;
pub use family::lacks_family;
pub use given::SocketError;
pub use memory::{SendRoom, SocketMemory};
pub use refusal::{Refusal, is_of_earlier, may_be_withheld};
#[cfg(feature = "storms")]
pub use storm::Storm;
pub use sys::ReceiveBuffer;

use counters::Drops;

/// A UDP socket for IPv4 or for IPv6, never for both: non-blocking, with large buffers, and with
/// IPv4 able to broadcast.
#[derive(Debug)]
pub struct UdpSocket {
    io: sys::Io,
    drops: Drops,
    #[cfg(feature = "storms")]
    weather: storm::Weather,
}

impl UdpSocket {
    /// What is asked for; Linux grants up to `net.core.rmem_max`. Ten thousand answers take 8 MiB
    /// of the kernel's accounting, which doubles what is asked for.
    const RECEIVE_BUFFER: usize = 4 << 20;

    /// What is asked for; Linux grants up to `net.core.wmem_max`. Datagrams to neighbours that are
    /// not resolved yet wait in it, and each takes up to 768 bytes of the kernel's accounting.
    const SEND_BUFFER: usize = 1 << 20;

    /// Binds to `address`, so that no other socket can bind there while this one lives. The
    /// address's scope, if it is a link-local one, is the index of its interface.
    ///
    /// # Errors
    /// As the system says: in use, not ours, not permitted, no such family.
    pub fn bind(address: impl Into<SocketAddr>) -> io::Result<Self> {
        let address = address.into();
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        #[cfg(windows)]
        exclusive::make(&socket)?;
        match address {
            SocketAddr::V4(_) => socket.set_broadcast(true)?,
            SocketAddr::V6(_) => socket.set_only_v6(true)?,
        }
        grow_buffers(&socket);
        socket.bind(&address.into())?;
        Self::over(socket.into())
    }

    fn over(socket: StdSocket) -> io::Result<Self> {
        Ok(Self {
            io: sys::Io::new(socket)?,
            drops: Drops::default(),
            #[cfg(feature = "storms")]
            weather: storm::Weather::ahead(),
        })
    }

    /// The address and port that it is bound to.
    ///
    /// # Errors
    /// As the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.as_std().local_addr()
    }

    /// Receives as many datagrams as are waiting, up to a batch, into `buffer`. A source that is
    /// link-local has the index of its interface as scope.
    ///
    /// Where systems report here that a datagram sent earlier was refused, that is passed over, up
    /// to a bound.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when none is waiting. After any other error the socket is
    /// still good, but the next attempt may fail at once. Beyond the bound, one that
    /// [`is_of_earlier`] knows.
    pub fn receive(&self, buffer: &mut ReceiveBuffer) -> io::Result<()> {
        refusal::receive_past(self.io.patience(), || {
            #[cfg(feature = "storms")]
            self.weather.endure()?;
            self.io.receive(buffer)
        })
    }

    /// Sends all of `batch`, in as few system calls as the system allows. Reports each datagram
    /// that it refuses, and goes on with the next. A destination of the other family is refused.
    pub fn send(&self, batch: &[Transmit], failed: impl FnMut(SendFailure<'_>)) {
        self.io.send(batch, failed);
    }

    /// Has the system keep what it learns of datagrams that could not be delivered, for
    /// [`receive_refusals`](Self::receive_refusals). Linux only; elsewhere nothing happens.
    ///
    /// What is kept takes room in the receive buffer, and makes the socket ready (with `EPOLLERR`)
    /// until it is read: whoever enables it has to read it whenever the socket is ready.
    ///
    /// # Errors
    /// As the system says.
    pub fn enable_error_queue(&self) -> io::Result<()> {
        self.io.enable_error_queue()
    }

    /// Hands on what has been learnt of datagrams that could not be delivered, and forgets it.
    /// Never waits.
    pub fn receive_refusals(&self, out: impl FnMut(Refusal)) {
        self.io.receive_refusals(out);
    }

    /// Receives what is sent to an IPv6 `group` on the link of an interface, by its index. Does nothing
    /// if it was joined there before.
    ///
    /// # Errors
    /// As the system says: no such interface, no IPv6 on it, too many groups.
    pub fn join_group(&self, group: Ipv6Addr, interface: u32) -> io::Result<()> {
        match socket2::SockRef::from(self.as_std()).join_multicast_v6(&group, interface) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(()),
            joined => joined,
        }
    }

    /// No longer receives what is sent to an IPv6 `group` on the link of an interface.
    ///
    /// # Errors
    /// As the system says: it was not joined there.
    pub fn leave_group(&self, group: Ipv6Addr, interface: u32) -> io::Result<()> {
        socket2::SockRef::from(self.as_std()).leave_multicast_v6(&group, interface)
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

fn grow_buffers(socket: &Socket) {
    grow(UdpSocket::RECEIVE_BUFFER, |size| socket.set_recv_buffer_size(size));
    grow(UdpSocket::SEND_BUFFER, |size| socket.set_send_buffer_size(size));
}

/// Asks for less and less until the system grants it: some refuse what they do not grant in full.
fn grow(wanted: usize, ask: impl Fn(usize) -> io::Result<()>) {
    let mut size = wanted;
    while ask(size).is_err() && size > wanted / 64 {
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
