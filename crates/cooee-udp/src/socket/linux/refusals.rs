//! The error queue: which datagrams could not be delivered.

use std::io;
use std::mem::{self, MaybeUninit};
use std::net::UdpSocket as StdSocket;
use std::os::fd::AsRawFd;

use super::address::{Name, find, is_v6, read_v4, read_v6};
use crate::option::enable;
use crate::socket::refusal::Refusal;

/// Room for the packet info, the error, and what options that a given socket came with may add.
#[repr(C, align(8))]
struct Ancillary([u8; 256]);

pub(super) fn enable_queue(socket: &StdSocket) -> io::Result<()> {
    if socket.local_addr()?.is_ipv4() {
        enable(socket, libc::IPPROTO_IP, libc::IP_RECVERR)
    } else {
        enable(socket, libc::IPPROTO_IPV6, libc::IPV6_RECVERR)
    }
}

pub(super) fn receive(socket: &StdSocket, mut out: impl FnMut(Refusal)) {
    /// More than the queue holds: each is charged to the receive buffer. While it is read, though,
    /// more may arrive.
    const AT_ONCE: usize = 16_384;
    for _ in 0..AT_ONCE {
        match receive_one(socket) {
            Ok(Some(refusal)) => out(refusal),
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// None for what is no error of a datagram, such as a time stamp that a given socket asked for.
fn receive_one(socket: &StdSocket) -> io::Result<Option<Refusal>> {
    let mut name = MaybeUninit::<Name>::uninit();
    let mut ancillary = MaybeUninit::<Ancillary>::uninit();
    // SAFETY: an all-zero `msghdr` is a valid one without name, vectors and control.
    let mut header: libc::msghdr = unsafe { mem::zeroed() };
    header.msg_name = name.as_mut_ptr().cast();
    header.msg_namelen = size_of::<Name>() as libc::socklen_t;
    header.msg_control = ancillary.as_mut_ptr().cast();
    header.msg_controllen = size_of::<Ancillary>() as _;
    let flags = libc::MSG_ERRQUEUE | libc::MSG_DONTWAIT;
    // SAFETY: the header points to a name and ancillary data on this stack frame, each with its
    // size, and to no payload.
    if unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut header, flags) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel wrote the name of whom the datagram was for, or none.
    let destination = unsafe {
        if is_v6(header.msg_namelen) { read_v6(&name) } else { read_v4(&name, header.msg_namelen) }
    };
    // SAFETY: the kernel wrote the ancillary data. These messages begin with that structure.
    let error: Option<libc::sock_extended_err> = unsafe {
        find(&header, libc::IPPROTO_IP, libc::IP_RECVERR)
            .or_else(|| find(&header, libc::IPPROTO_IPV6, libc::IPV6_RECVERR))
    };
    const OF_DATAGRAMS: [u8; 3] =
        [libc::SO_EE_ORIGIN_LOCAL, libc::SO_EE_ORIGIN_ICMP, libc::SO_EE_ORIGIN_ICMP6];
    Ok(error.filter(|error| OF_DATAGRAMS.contains(&error.ee_origin)).map(|error| Refusal {
        destination,
        error: io::Error::from_raw_os_error(error.ee_errno.cast_signed()),
        is_prohibited: is_prohibited(&error),
    }))
}

/// Destination unreachable, since network, host or communication is administratively prohibited.
fn is_prohibited(error: &libc::sock_extended_err) -> bool {
    const UNREACHABLE: (u8, [u8; 3]) = (3, [9, 10, 13]);
    const UNREACHABLE_V6: (u8, u8) = (1, 1);
    match error.ee_origin {
        libc::SO_EE_ORIGIN_ICMP => {
            error.ee_type == UNREACHABLE.0 && UNREACHABLE.1.contains(&error.ee_code)
        }
        libc::SO_EE_ORIGIN_ICMP6 => (error.ee_type, error.ee_code) == UNREACHABLE_V6,
        _ => false,
    }
}
