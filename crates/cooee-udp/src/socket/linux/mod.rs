//! Batched receiving and sending with the addresses and the interface of each datagram, and
//! the kernel's counters.

mod address;
mod receive;
mod send;

use std::io;
use std::net::UdpSocket as StdSocket;

pub use receive::ReceiveBuffer;

use super::SendFailure;
use super::memory::RawMemory;
use crate::option::{enable, socket_option};
use cooee_core::Transmit;

/// A socket that is set up for what is asked of it here.
#[derive(Debug)]
pub(super) struct Io {
    socket: StdSocket,
}

impl Io {
    pub(super) fn new(socket: StdSocket) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        if socket.local_addr()?.is_ipv4() {
            enable(&socket, libc::IPPROTO_IP, libc::IP_PKTINFO)?;
        } else {
            enable(&socket, libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO)?;
        }
        Ok(Self { socket })
    }

    pub(super) fn as_std(&self) -> &StdSocket {
        &self.socket
    }

    pub(super) fn receive(&self, buffer: &mut ReceiveBuffer) -> io::Result<()> {
        buffer.fill(&self.socket)
    }

    pub(super) fn send(&self, batch: &[Transmit], failed: impl FnMut(SendFailure<'_>)) {
        send::send(&self.socket, batch, failed);
    }

    pub(super) fn memory(&self) -> Option<RawMemory> {
        /// The fields of `SO_MEMINFO` (linux/sock_diag.h).
        const SK_MEMINFO_VARS: usize = 9;
        // SAFETY: they are integers.
        let fields =
            unsafe { socket_option(&self.socket, libc::SO_MEMINFO, [0_u32; SK_MEMINFO_VARS]) };
        let [_, _, send_used, send_capacity, _, _, _, _, drops] = fields?;
        Some(RawMemory { drops, send_used, send_capacity })
    }
}
