//! The sockets of one discovery or watch.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use cooee_core::wire::Family;
use cooee_core::{DiscoveryConfig, SocketId, Transmit};
use cooee_udp::{Refusal, SendFailure, UdpSocket};

/// Up to one socket for each purpose.
pub(crate) struct Sockets(Vec<(SocketId, UdpSocket)>);

impl Sockets {
    /// Opens those that `config` needs, or a watch with it: that calls servers which may be gone, and
    /// wants to know what becomes of that.
    pub(super) fn open(config: &DiscoveryConfig, watches: bool) -> io::Result<Self> {
        let v4 = || UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0));
        let mut sockets = Vec::new();
        if config.speaks(Family::V4) {
            sockets.push((SocketId::V4, v4()?));
        }
        if config.speaks(Family::V6) {
            match UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)) {
                Ok(socket) => sockets.push((SocketId::V6, socket)),
                Err(error) if config.speaks(Family::V4) => {
                    tracing::debug!(%error, "only IPv4 is called");
                }
                Err(error) => return Err(error),
            }
        }
        if (config.sweeps() || watches) && config.speaks(Family::V4) {
            sockets.push((SocketId::Sweep, v4()?));
        }
        if !config.hosts.is_empty() || watches {
            // Without it a host that refuses is one that is silent.
            for (_, socket) in &sockets {
                let _ = socket.enable_error_queue();
            }
        }
        Ok(Self(sockets))
    }

    /// Whether there is one for IPv6.
    pub(super) fn has_v6(&self) -> bool {
        self.0.iter().any(|(id, _)| *id == SocketId::V6)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (SocketId, &UdpSocket)> {
        self.0.iter().map(|(id, socket)| (*id, socket))
    }

    /// Sends each datagram by its socket. Reports each that is refused.
    pub(super) fn send(&self, batch: &[Transmit], mut failed: impl FnMut(SendFailure<'_>)) {
        for run in batch.chunk_by(|one, next| one.socket == next.socket) {
            match self.0.iter().find(|(id, _)| *id == run[0].socket) {
                Some((_, socket)) => socket.send(run, &mut failed),
                None => run.iter().enumerate().for_each(|(index, transmit)| {
                    let error = io::ErrorKind::Unsupported.into();
                    failed(SendFailure { index, transmit, error });
                }),
            }
        }
    }

    /// How many datagrams the kernel dropped because a receive buffer was full.
    pub(super) fn drops(&self) -> u64 {
        self.iter().filter_map(|(_, socket)| Some(socket.memory()?.drops)).sum()
    }

    /// Hands on what was learnt of datagrams that could not be delivered.
    pub(super) fn receive_refusals(&self, mut out: impl FnMut(Refusal)) {
        self.iter().for_each(|(_, socket)| socket.receive_refusals(&mut out));
    }
}
