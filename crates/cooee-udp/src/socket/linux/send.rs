//! No library sends a batch in which each datagram has its own source address and interface.

use std::io;
use std::mem::{self, MaybeUninit};
use std::net::UdpSocket as StdSocket;
use std::os::fd::AsRawFd;

use cooee_core::Transmit;

use super::address::{self, Name, PacketInfo};
use crate::socket::failure::SendFailure;
use crate::socket::refusal::is_of_earlier;

/// Datagrams handed to the kernel in one call.
const BATCH: usize = 32;

/// An error that may be about a datagram sent earlier has the datagram tried again, as often as
/// `patience` says: the call that tells of it sends nothing.
pub(super) fn send(
    io: &StdSocket,
    batch: &[Transmit],
    patience: usize,
    mut failed: impl FnMut(SendFailure<'_>),
) {
    let (mut rest, mut retries) = (batch, 0);
    while !rest.is_empty() {
        let chunk = &rest[..rest.len().min(BATCH)];
        match send_chunk(io, chunk) {
            Ok(sent) => (rest, retries) = (&rest[sent.max(1)..], 0),
            Err(error) if retries < patience && is_of_earlier(&error) => retries += 1,
            Err(error) => {
                let index = batch.len() - rest.len();
                failed(SendFailure { index, transmit: &chunk[0], error });
                (rest, retries) = (&rest[1..], 0);
            }
        }
    }
}

/// Sends as much of `chunk` as the kernel takes before the first that it refuses.
fn send_chunk(io: &StdSocket, chunk: &[Transmit]) -> io::Result<usize> {
    let mut names = [const { MaybeUninit::<Name>::uninit() }; BATCH];
    let mut vectors = [const { MaybeUninit::<libc::iovec>::uninit() }; BATCH];
    let mut infos = [const { MaybeUninit::<PacketInfo>::uninit() }; BATCH];
    let mut messages = [const { MaybeUninit::<libc::mmsghdr>::uninit() }; BATCH];

    for (i, transmit) in chunk.iter().enumerate() {
        let vector = vectors[i].write(libc::iovec {
            iov_base: transmit.payload.as_ptr().cast_mut().cast(),
            iov_len: transmit.payload.len(),
        });
        // SAFETY: an all-zero `msghdr` is a valid one without name, vectors and control.
        let mut header: libc::msghdr = unsafe { mem::zeroed() };
        address::write(&mut header, &mut names[i], &mut infos[i], transmit);
        header.msg_iov = vector;
        header.msg_iovlen = 1;
        messages[i].write(libc::mmsghdr { msg_hdr: header, msg_len: 0 });
    }
    // SAFETY: the first `chunk.len()` messages were written above, and point to names, vectors and
    // ancillary data on this stack frame and to payloads that `chunk` keeps alive. The kernel only
    // writes to `msg_len`.
    let sent = unsafe {
        // musl's function of this name makes a call for each message.
        libc::syscall(
            libc::SYS_sendmmsg,
            io.as_raw_fd(),
            messages.as_mut_ptr(),
            chunk.len() as libc::c_uint,
            0 as libc::c_uint,
        )
    };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}
