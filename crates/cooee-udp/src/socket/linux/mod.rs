//! Batched receiving and sending with the addresses and the interface of each datagram, the
//! kernel's counters, and its error queue.

mod address;
mod receive;
mod refusals;
mod send;

use std::io;
use std::net::UdpSocket as StdSocket;
use std::sync::atomic::{AtomicBool, Ordering};

pub use receive::ReceiveBuffer;

use super::counters::RawMemory;
use super::failure::SendFailure;
use super::refusal::Refusal;
use crate::option::{enable, socket_option};
use cooee_core::Transmit;

/// A socket that is set up for what is asked of it here.
#[derive(Debug)]
pub(super) struct Io {
    socket: StdSocket,
    has_error_queue: AtomicBool,
}

impl Io {
    pub(super) fn new(socket: StdSocket) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        if socket.local_addr()?.is_ipv4() {
            enable(&socket, libc::IPPROTO_IP, libc::IP_PKTINFO)?;
        } else {
            enable(&socket, libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO)?;
        }
        Ok(Self { socket, has_error_queue: AtomicBool::new(false) })
    }

    pub(super) fn as_std(&self) -> &StdSocket {
        &self.socket
    }

    pub(super) fn receive(&self, buffer: &mut ReceiveBuffer) -> io::Result<()> {
        buffer.fill(&self.socket)
    }

    pub(super) fn send(&self, batch: &[Transmit], failed: impl FnMut(SendFailure<'_>)) {
        send::send(&self.socket, batch, self.patience(), failed);
    }

    /// How many errors in a row may be about datagrams sent earlier, which the kernel tells of only
    /// when there is an error queue. Each call clears the last one, and more may come in between.
    pub(super) fn patience(&self) -> usize {
        const IN_BETWEEN: usize = 3;
        if self.has_error_queue.load(Ordering::Relaxed) { IN_BETWEEN } else { 0 }
    }

    pub(super) fn enable_error_queue(&self) -> io::Result<()> {
        refusals::enable_queue(&self.socket)?;
        self.has_error_queue.store(true, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn receive_refusals(&self, out: impl FnMut(Refusal)) {
        refusals::receive(&self.socket, out);
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
