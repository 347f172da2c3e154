use std::io;
use std::mem::{self, MaybeUninit};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket as StdSocket};
use std::os::fd::AsRawFd;
use std::ptr;

use cooee_core::{Datagram, limits};

use super::address::{Name, is_v6, read_info_v4, read_info_v6, read_v4, read_v6};

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
    source: SocketAddr,
    destination: Option<IpAddr>,
    interface: Option<u32>,
}

impl Slot {
    /// # Safety
    /// The kernel wrote `header`, and what that says is in `name` and in the ancillary data.
    unsafe fn describe(&mut self, header: &libc::msghdr, name: &MaybeUninit<Name>) {
        if is_v6(header.msg_namelen) {
            // SAFETY: as this function requires, and it is of IPv6.
            return unsafe { self.describe_v6(header, name) };
        }
        // SAFETY: as this function requires.
        unsafe {
            self.source = read_v4(name, header.msg_namelen);
            (self.destination, self.interface) = read_info_v4(header);
        }
    }

    /// # Safety
    /// As [`describe`](Self::describe), and the name is an address of IPv6.
    #[inline(never)]
    unsafe fn describe_v6(&mut self, header: &libc::msghdr, name: &MaybeUninit<Name>) {
        // SAFETY: as this function requires.
        unsafe {
            self.source = read_v6(name);
            (self.destination, self.interface) = read_info_v6(header);
        }
    }
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
            source: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
            destination: None,
            interface: None,
        };
        Self { slots: Box::new([empty; Self::BATCH]), filled: 0 }
    }

    /// The datagrams of the last batch received.
    pub fn datagrams(&self) -> impl Iterator<Item = Datagram<'_>> {
        self.slots.iter().take(self.filled).map(|slot| Datagram {
            destination: slot.destination,
            interface: slot.interface,
            ..Datagram::new(slot.source, slot.payload.get(..slot.length).unwrap_or(&slot.payload))
        })
    }

    pub(super) fn fill(&mut self, socket: &StdSocket) -> io::Result<()> {
        self.filled = 0;
        let mut names = [const { MaybeUninit::<Name>::uninit() }; Self::BATCH];
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
            header.msg_namelen = size_of::<Name>() as libc::socklen_t;
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
            // SAFETY: the kernel wrote the header, the name and the ancillary data.
            unsafe { slot.describe(&message.msg_hdr, name) };
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
