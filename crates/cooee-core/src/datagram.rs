use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

use crate::wire::Family;

/// The socket of the driver that a datagram arrives on or leaves by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SocketId {
    /// The IPv4 socket.
    #[default]
    V4,
    /// The IPv6 socket.
    V6,
    /// The IPv4 socket of a sweep. Its probes to unused addresses wait in the send buffer, and
    /// would fill that of the other sockets.
    Sweep,
}

impl From<Family> for SocketId {
    fn from(family: Family) -> Self {
        match family {
            Family::V4 => Self::V4,
            Family::V6 => Self::V6,
        }
    }
}

/// A datagram that arrived, with what the system knows about its path.
#[derive(Debug, Clone, Copy)]
pub struct Datagram<'a> {
    /// The socket it arrived on.
    pub socket: SocketId,
    /// The sender, according to the IP and UDP headers. A link-local IPv6 address has its scope.
    pub source: SocketAddr,
    /// The address it was sent to: one of ours, a broadcast or a multicast address. `None` if the
    /// system does not report it.
    pub destination: Option<IpAddr>,
    /// The index of the interface it arrived on. `None` if the system does not report it.
    pub interface: Option<u32>,
    /// Whether it may have waited in the receive buffer, so that it arrived earlier than it is
    /// handed in.
    pub waited: bool,
    /// The bytes it carried; may be empty.
    pub payload: &'a [u8],
}

impl<'a> Datagram<'a> {
    /// A datagram of which only the source is known.
    pub fn new(source: SocketAddr, payload: &'a [u8]) -> Self {
        Self {
            socket: SocketId::from(Family::from(source)),
            source,
            destination: None,
            interface: None,
            waited: false,
            payload,
        }
    }
}

/// A datagram to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// The socket it leaves by.
    pub socket: SocketId,
    /// The address to send it to.
    pub destination: SocketAddr,
    /// The local address that it must leave from; `None` lets the system choose.
    pub source: Option<IpAddr>,
    /// The index of the interface that it must leave by; `None` lets the routing table choose.
    pub interface: Option<u32>,
    /// Its payload. Cheap to clone.
    pub payload: Bytes,
}

impl Transmit {
    /// A datagram whose source and interface the system chooses.
    pub fn new(destination: SocketAddr, payload: impl Into<Bytes>) -> Self {
        let socket = SocketId::from(Family::from(destination));
        Self { socket, destination, source: None, interface: None, payload: payload.into() }
    }
}

/// Why a datagram was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    /// The send buffer or the neighbour table was full. A later attempt may succeed.
    NoRoom,
    /// The system refused it, for want of a route or of permission.
    Refused,
}
