use std::io;
use std::mem::{self, MaybeUninit};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket as StdSocket};
use std::os::fd::AsRawFd;
use std::ptr;

use cooee_core::{Datagram, limits};

/// Room for one batch of received datagrams; reuse it.
pub struct ReceiveBuffer {
    slots: Box<[Slot; Self::BATCH]>,
    filled: usize,
}

/// One datagram: what the kernel writes, and what is made of it.
#[derive(Clone, Copy)]
struct Slot {
    payload: [u8; ReceiveBuffer::SLOT],
    length: usize,
    source: SocketAddrV4,
    destination: Option<IpAddr>,
    interface: Option<u32>,
}

/// Room for the ancillary data of one datagram: the packet info, and what options that a given
/// socket came with may put before it.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Ancillary([u8; 128]);

impl ReceiveBuffer {
    /// The most datagrams that are received at once.
    pub const BATCH: usize = 32;

    /// The most that is kept of a datagram: more than anything that is looked at has. What is
    /// longer is cut to this length, which tells that it is too long.
    const SLOT: usize = 2048;

    /// An empty buffer.
    pub fn new() -> Self {
        const { assert!(Self::SLOT > limits::DATAGRAM_MAX && Self::SLOT > limits::ANSWER_MAX) };
        let empty = Slot {
            payload: [0; Self::SLOT],
            length: 0,
            source: SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0),
            destination: None,
            interface: None,
        };
        Self { slots: Box::new([empty; Self::BATCH]), filled: 0 }
    }

    /// The datagrams of the last batch received.
    pub fn datagrams(&self) -> impl Iterator<Item = Datagram<'_>> {
        self.slots.iter().take(self.filled).map(|slot| Datagram {
            source: SocketAddr::V4(slot.source),
            destination: slot.destination,
            interface: slot.interface,
            payload: slot.payload.get(..slot.length).unwrap_or(&slot.payload),
        })
    }

    pub(super) fn fill(&mut self, socket: &StdSocket) -> io::Result<()> {
        self.filled = 0;
        let mut names = [const { MaybeUninit::<libc::sockaddr_in>::uninit() }; Self::BATCH];
        let mut vectors = [const { MaybeUninit::<libc::iovec>::uninit() }; Self::BATCH];
        let mut ancillary = [const { MaybeUninit::<Ancillary>::uninit() }; Self::BATCH];
        let mut messages = [const { MaybeUninit::<libc::mmsghdr>::uninit() }; Self::BATCH];
        for (i, slot) in self.slots.iter_mut().enumerate() {
            let vector = vectors[i].write(libc::iovec {
                iov_base: slot.payload.as_mut_ptr().cast(),
                iov_len: Self::SLOT,
            });
            // SAFETY: an all-zero `msghdr` is a valid one without name, vectors and control.
            let mut header: libc::msghdr = unsafe { mem::zeroed() };
            header.msg_name = names[i].as_mut_ptr().cast();
            header.msg_namelen = size_of::<libc::sockaddr_in>() as libc::socklen_t;
            header.msg_iov = vector;
            header.msg_iovlen = 1;
            header.msg_control = ancillary[i].as_mut_ptr().cast();
            header.msg_controllen = size_of::<Ancillary>() as _;
            messages[i].write(libc::mmsghdr { msg_hdr: header, msg_len: 0 });
        }
        // SAFETY: all messages were written above, and point to names, vectors and ancillary data on
        // this stack frame and to the payloads in `self`, each with its size.
        let received = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                messages.as_mut_ptr().cast(),
                Self::BATCH as _,
                // Its type differs between C libraries.
                libc::MSG_WAITFORONE as _,
                ptr::null_mut(),
            )
        };
        self.filled = usize::try_from(received).map_err(|_| io::Error::last_os_error())?;
        let received = messages.iter().zip(&names).take(self.filled);
        for (slot, (message, name)) in self.slots.iter_mut().zip(received) {
            // SAFETY: written above, and updated by the kernel.
            let message = unsafe { message.assume_init_ref() };
            slot.length = message.msg_len as usize;
            // SAFETY: the kernel wrote the name of the sender of this datagram, or none.
            slot.source = unsafe { source(&message.msg_hdr, name) };
            // SAFETY: the kernel wrote the ancillary data, and how long it is.
            (slot.destination, slot.interface) = unsafe { packet_info(&message.msg_hdr) };
        }
        Ok(())
    }
}

impl Default for ReceiveBuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for ReceiveBuffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceiveBuffer").field("filled", &self.filled).finish_non_exhaustive()
    }
}

/// The sender; nobody if the kernel named none.
///
/// # Safety
/// `name` is initialised for the length that `header` says.
unsafe fn source(header: &libc::msghdr, name: &MaybeUninit<libc::sockaddr_in>) -> SocketAddrV4 {
    if header.msg_namelen as usize != size_of::<libc::sockaddr_in>() {
        return SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
    }
    // SAFETY: the kernel wrote all of it.
    let name = unsafe { name.assume_init_ref() };
    SocketAddrV4::new(address(name.sin_addr), u16::from_be(name.sin_port))
}

/// Where the datagram was sent to, and the interface that it arrived on.
///
/// # Safety
/// `header` has the ancillary data as the kernel wrote it.
unsafe fn packet_info(header: &libc::msghdr) -> (Option<IpAddr>, Option<u32>) {
    // SAFETY: as this function requires; the macros stay within the length in `header`.
    unsafe {
        let mut next = libc::CMSG_FIRSTHDR(header);
        while !next.is_null() {
            if ((*next).cmsg_level, (*next).cmsg_type) == (libc::IPPROTO_IP, libc::IP_PKTINFO) {
                let info = libc::CMSG_DATA(next).cast::<libc::in_pktinfo>().read_unaligned();
                let interface = u32::try_from(info.ipi_ifindex).ok().filter(|&index| index != 0);
                return (Some(address(info.ipi_addr).into()), interface);
            }
            next = libc::CMSG_NXTHDR(header, next);
        }
    }
    (None, None)
}

fn address(address: libc::in_addr) -> Ipv4Addr {
    Ipv4Addr::from(address.s_addr.to_ne_bytes())
}
