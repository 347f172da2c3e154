use std::net::SocketAddr;

use bytes::Bytes;

/// A datagram on its way.
#[derive(Debug)]
pub(super) struct Packet {
    pub(super) source: SocketAddr,
    pub(super) destination: SocketAddr,
    pub(super) payload: Bytes,
}
