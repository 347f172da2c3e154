//! Batched receiving and sending with the addresses and the interface of each datagram, and the
//! kernel's drop counter.

mod receive;
mod send;

use std::io;
use std::net::UdpSocket as StdSocket;
use std::os::fd::AsRawFd;

pub use receive::ReceiveBuffer;

use super::SendFailure;
use crate::option::socket_option;
use cooee_core::Transmit;

/// A socket that is set up for what is asked of it here.
#[derive(Debug)]
pub(super) struct Io {
    socket: StdSocket,
}

impl Io {
    pub(super) fn new(socket: StdSocket) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let on: libc::c_int = 1;
        // SAFETY: the option's value is an integer, which `on` is.
        let result = unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                libc::IPPROTO_IP,
                libc::IP_PKTINFO,
                (&raw const on).cast(),
                size_of_val(&on) as libc::socklen_t,
            )
        };
        if result == 0 { Ok(Self { socket }) } else { Err(io::Error::last_os_error()) }
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

    pub(super) fn drops(&self) -> Option<u32> {
        /// The fields of `SO_MEMINFO`, of which the last is the drop counter (linux/sock_diag.h).
        const SK_MEMINFO_VARS: usize = 9;
        // SAFETY: they are integers.
        let fields =
            unsafe { socket_option(&self.socket, libc::SO_MEMINFO, [0_u32; SK_MEMINFO_VARS]) };
        fields.map(|fields| fields[SK_MEMINFO_VARS - 1])
    }
}
