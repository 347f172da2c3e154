//! Receiving by `quinn-udp`; sending one by one, from a chosen address. The interface follows from
//! the address. Drops are not told.

mod buffer;

use std::io;
use std::net::UdpSocket as StdSocket;

use cooee_core::Transmit;
use quinn_udp::UdpSocketState;

pub use buffer::ReceiveBuffer;

use super::SendFailure;

/// A socket that is set up for what is asked of it here.
#[derive(Debug)]
pub(super) struct Io {
    socket: StdSocket,
    state: UdpSocketState,
}

impl Io {
    pub(super) fn new(socket: StdSocket) -> io::Result<Self> {
        let state = UdpSocketState::new((&socket).into())?;
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
                destination: transmit.destination,
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

    pub(super) fn drops(&self) -> Option<u32> {
        None
    }
}
