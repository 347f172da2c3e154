//! Sending one by one, from a chosen address. The interface follows from the address.

use std::net::UdpSocket as StdSocket;

use cooee_core::Transmit;
use quinn_udp::UdpSocketState;

use super::SendFailure;

pub(super) fn send(
    io: &StdSocket,
    state: &UdpSocketState,
    batch: &[Transmit],
    mut failed: impl FnMut(SendFailure<'_>),
) {
    for (index, transmit) in batch.iter().enumerate() {
        let datagram = quinn_udp::Transmit {
            destination: transmit.destination,
            ecn: None,
            contents: &transmit.payload,
            segment_size: None,
            src_ip: transmit.source,
        };
        if let Err(error) = state.try_send(io.into(), &datagram) {
            failed(SendFailure { index, transmit, error });
        }
    }
}

pub(super) fn drops(_: &StdSocket) -> Option<u32> {
    None
}
