use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

/// A datagram that arrived, with what the system knows about its way here.
#[derive(Debug, Clone, Copy)]
pub struct Datagram<'a> {
    /// Who sent it, as the IP and UDP headers say.
    pub source: SocketAddr,
    /// The address it was sent to: one of ours, a broadcast or a multicast address. `None` where
    /// the system does not tell.
    pub destination: Option<IpAddr>,
    /// The index of the interface it arrived on. `None` where the system does not tell.
    pub interface: Option<u32>,
    /// The bytes it carried; may be empty.
    pub payload: &'a [u8],
}

/// A datagram to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// Where to.
    pub destination: SocketAddr,
    /// The local address that it must leave from; `None` lets the system choose.
    pub source: Option<IpAddr>,
    /// The index of the interface that it must leave by; `None` lets the routing table choose.
    pub interface: Option<u32>,
    /// The bytes to carry. Cheap to clone.
    pub payload: Bytes,
}
