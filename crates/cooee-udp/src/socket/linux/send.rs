//! No library sends a batch in which each datagram has its own source address and interface.

use std::io;
use std::mem::{self, MaybeUninit};
use std::net::UdpSocket as StdSocket;
use std::os::fd::AsRawFd;

use cooee_core::Transmit;

use super::SendFailure;
use super::address::{Name, PacketInfo};

/// Datagrams handed to the kernel in one call.
const BATCH: usize = 32;

pub(super) fn send(io: &StdSocket, batch: &[Transmit], mut failed: impl FnMut(SendFailure<'_>)) {
    let mut rest = batch;
    while !rest.is_empty() {
        let chunk = &rest[..rest.len().min(BATCH)];
        match send_chunk(io, chunk) {
            Ok(sent) => rest = &rest[sent.max(1)..],
            Err(error) => {
                let index = batch.len() - rest.len();
                failed(SendFailure { index, transmit: &chunk[0], error });
                rest = &rest[1..];
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
        header.msg_namelen = Name::write(&mut names[i], transmit.destination);
        header.msg_name = names[i].as_mut_ptr().cast();
        header.msg_iov = vector;
        header.msg_iovlen = 1;
        if transmit.source.is_some() || transmit.interface.is_some() {
            header.msg_controllen = PacketInfo::write(&mut infos[i], transmit) as _;
            header.msg_control = infos[i].as_mut_ptr().cast();
        }
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
