//! No library sends a batch in which each datagram has its own source address and interface.

use std::io;
use std::mem::{self, MaybeUninit};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket as StdSocket};
use std::os::fd::AsRawFd;
use std::ptr;

use cooee_core::Transmit;

use super::SendFailure;

/// Datagrams handed to the kernel in one call.
const BATCH: usize = 32;

/// One message's ancillary data: a header and an `in_pktinfo`, aligned as the kernel wants it.
#[repr(C)]
#[derive(Clone, Copy)]
struct PacketInfo {
    header: libc::cmsghdr,
    info: libc::in_pktinfo,
}

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
    let mut names = [const { MaybeUninit::<libc::sockaddr_in>::uninit() }; BATCH];
    let mut vectors = [const { MaybeUninit::<libc::iovec>::uninit() }; BATCH];
    let mut infos = [const { MaybeUninit::<PacketInfo>::uninit() }; BATCH];
    let mut messages = [const { MaybeUninit::<libc::mmsghdr>::uninit() }; BATCH];

    for (i, transmit) in chunk.iter().enumerate() {
        let SocketAddr::V4(destination) = transmit.destination else {
            return if i == 0 {
                Err(io::ErrorKind::Unsupported.into())
            } else {
                send_chunk(io, &chunk[..i])
            };
        };
        let name = names[i].write(libc::sockaddr_in {
            sin_family: libc::AF_INET as libc::sa_family_t,
            sin_port: destination.port().to_be(),
            sin_addr: in_addr(*destination.ip()),
            sin_zero: [0; 8],
        });
        let vector = vectors[i].write(libc::iovec {
            iov_base: transmit.payload.as_ptr().cast_mut().cast(),
            iov_len: transmit.payload.len(),
        });
        let info = infos[i].write(packet_info(transmit));
        // SAFETY: an all-zero `msghdr` is a valid one without name, vectors and control.
        let mut header: libc::msghdr = unsafe { mem::zeroed() };
        header.msg_name = ptr::from_mut(name).cast();
        header.msg_namelen = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        header.msg_iov = vector;
        header.msg_iovlen = 1;
        if transmit.source.is_some() || transmit.interface.is_some() {
            header.msg_control = ptr::from_mut(info).cast();
            header.msg_controllen = size_of::<PacketInfo>() as _;
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

fn packet_info(transmit: &Transmit) -> PacketInfo {
    let source = match transmit.source {
        Some(IpAddr::V4(source)) => source,
        _ => Ipv4Addr::UNSPECIFIED,
    };
    // SAFETY: `cmsghdr` is plain integers (and padding on some targets).
    let mut header: libc::cmsghdr = unsafe { mem::zeroed() };
    header.cmsg_len = (mem::offset_of!(PacketInfo, info) + size_of::<libc::in_pktinfo>()) as _;
    header.cmsg_level = libc::IPPROTO_IP;
    header.cmsg_type = libc::IP_PKTINFO;
    PacketInfo {
        header,
        info: libc::in_pktinfo {
            ipi_ifindex: transmit.interface.map_or(0, u32::cast_signed),
            ipi_spec_dst: in_addr(source),
            ipi_addr: in_addr(Ipv4Addr::UNSPECIFIED),
        },
    }
}

fn in_addr(address: Ipv4Addr) -> libc::in_addr {
    libc::in_addr { s_addr: u32::from_ne_bytes(address.octets()) }
}
