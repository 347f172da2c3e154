//! Receiving by `quinn-udp`; sending one by one, from a chosen address. With IPv4 the interface
//! follows from the address, with IPv6 from the destination's scope. Drops, the send buffer's room
//! and refused datagrams are not told.

mod buffer;
#[cfg(windows)]
mod resets;

use std::io;
use std::net::{SocketAddr, UdpSocket as StdSocket};

use cooee_core::Transmit;
use quinn_udp::UdpSocketState;

pub use buffer::ReceiveBuffer;

use crate::socket::counters::RawMemory;
use crate::socket::failure::SendFailure;
use crate::socket::refusal::Refusal;

/// A socket that is set up for what is asked of it here.
#[derive(Debug)]
pub(super) struct Io {
    socket: StdSocket,
    state: UdpSocketState,
}

impl Io {
    pub(super) fn new(socket: StdSocket) -> io::Result<Self> {
        let state = UdpSocketState::new((&socket).into())?;
        #[cfg(windows)]
        resets::turn_off(&socket);
        Ok(Self { socket, state })
    }

    pub(super) fn as_std(&self) -> &StdSocket {
        &self.socket
    }

    pub(super) fn receive(&self, buffer: &mut ReceiveBuffer) -> io::Result<()> {
        buffer.fill(|slices, metas| self.state.recv((&self.socket).into(), slices, metas))
    }

    pub(super) fn send(&self, batch: &[Transmit], mut failed: impl FnMut(SendFailure<'_>)) {
        for (index, transmit) in batch.iter().enumerate() {
            let datagram = quinn_udp::Transmit {
                destination: scoped(transmit),
                ecn: None,
                contents: &transmit.payload,
                segment_size: None,
                src_ip: transmit.source,
            };
            if let Err(error) = self.state.try_send((&self.socket).into(), &datagram) {
                failed(SendFailure { index, transmit, error });
            }
        }
    }

    /// How many errors of receiving in a row may be about datagrams sent earlier: Windows tells of
    /// each, where [`Io::new`] could not have it keep quiet.
    pub(super) fn patience(&self) -> usize {
        64
    }

    pub(super) fn enable_error_queue(&self) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn receive_refusals(&self, _: impl FnMut(Refusal)) {}

    pub(super) fn memory(&self) -> Option<RawMemory> {
        None
    }
}

/// The destination, with the interface as scope where it has meaning and is not given yet.
fn scoped(transmit: &Transmit) -> SocketAddr {
    let mut destination = transmit.destination;
    if let (SocketAddr::V6(address), Some(interface)) = (&mut destination, transmit.interface) {
        let ip = address.ip();
        if address.scope_id() == 0 && (ip.is_unicast_link_local() || ip.is_multicast()) {
            address.set_scope_id(interface);
        }
    }
    destination
}
