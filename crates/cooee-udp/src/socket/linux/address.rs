//! Socket addresses and packet information, as the kernel reads and writes them.

use std::mem::{self, MaybeUninit};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ptr;

use cooee_core::Transmit;

/// Room for an address of either family.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) union Name {
    v4: libc::sockaddr_in,
    v6: libc::sockaddr_in6,
}

impl Name {
    /// Writes `address` into `place`, and returns its length.
    pub(super) fn write(place: &mut MaybeUninit<Self>, address: SocketAddr) -> libc::socklen_t {
        match address {
            SocketAddr::V4(address) => {
                let name = libc::sockaddr_in {
                    sin_family: libc::AF_INET as libc::sa_family_t,
                    sin_port: address.port().to_be(),
                    sin_addr: in_addr(*address.ip()),
                    sin_zero: [0; 8],
                };
                put(place, name)
            }
            SocketAddr::V6(address) => {
                let name = libc::sockaddr_in6 {
                    sin6_family: libc::AF_INET6 as libc::sa_family_t,
                    sin6_port: address.port().to_be(),
                    sin6_flowinfo: address.flowinfo(),
                    sin6_addr: in6_addr(*address.ip()),
                    sin6_scope_id: address.scope_id(),
                };
                put(place, name)
            }
        }
    }

    /// The address in `place`; nobody's if the kernel named none.
    ///
    /// # Safety
    /// The kernel wrote `length` bytes of `place`.
    pub(super) unsafe fn read(place: &MaybeUninit<Self>, length: libc::socklen_t) -> SocketAddr {
        const V4: usize = size_of::<libc::sockaddr_in>();
        const V6: usize = size_of::<libc::sockaddr_in6>();
        match length as usize {
            V4 => {
                // SAFETY: the kernel wrote all of it, which begins at `place`.
                let name = unsafe { &*place.as_ptr().cast::<libc::sockaddr_in>() };
                let port = u16::from_be(name.sin_port);
                SocketAddr::V4(SocketAddrV4::new(ipv4(name.sin_addr), port))
            }
            V6 => {
                // SAFETY: the kernel wrote all of it, which begins at `place`.
                let name = unsafe { &*place.as_ptr().cast::<libc::sockaddr_in6>() };
                SocketAddr::V6(SocketAddrV6::new(
                    ipv6(name.sin6_addr),
                    u16::from_be(name.sin6_port),
                    name.sin6_flowinfo,
                    name.sin6_scope_id,
                ))
            }
            _ => SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)),
        }
    }
}

/// One message's ancillary data with its header, aligned and padded as the kernel wants it.
#[derive(Clone, Copy)]
#[repr(C)]
struct Ancillary<T> {
    header: libc::cmsghdr,
    data: T,
}

impl<T> Ancillary<T> {
    fn new(level: libc::c_int, kind: libc::c_int, data: T) -> Self {
        // SAFETY: `cmsghdr` is plain integers (and padding on some targets).
        let mut header: libc::cmsghdr = unsafe { mem::zeroed() };
        header.cmsg_len = (mem::offset_of!(Self, data) + size_of::<T>()) as _;
        header.cmsg_level = level;
        header.cmsg_type = kind;
        Self { header, data }
    }
}

/// Room for the packet information of either family.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) union PacketInfo {
    v4: Ancillary<libc::in_pktinfo>,
    v6: Ancillary<libc::in6_pktinfo>,
}

impl PacketInfo {
    /// Writes which address and which interface `transmit` leaves from into `place`, and returns
    /// its length.
    pub(super) fn write(place: &mut MaybeUninit<Self>, transmit: &Transmit) -> usize {
        if transmit.destination.is_ipv4() {
            let source = match transmit.source {
                Some(IpAddr::V4(source)) => source,
                _ => Ipv4Addr::UNSPECIFIED,
            };
            let info = libc::in_pktinfo {
                ipi_ifindex: transmit.interface.map_or(0, u32::cast_signed),
                ipi_spec_dst: in_addr(source),
                ipi_addr: in_addr(Ipv4Addr::UNSPECIFIED),
            };
            put(place, Ancillary::new(libc::IPPROTO_IP, libc::IP_PKTINFO, info)) as usize
        } else {
            let source = match transmit.source {
                Some(IpAddr::V6(source)) => source,
                _ => Ipv6Addr::UNSPECIFIED,
            };
            let info = libc::in6_pktinfo {
                ipi6_addr: in6_addr(source),
                ipi6_ifindex: transmit.interface.unwrap_or(0),
            };
            put(place, Ancillary::new(libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, info)) as usize
        }
    }

    /// Where a datagram was sent to, and the interface that it arrived on.
    ///
    /// # Safety
    /// `header` has the ancillary data as the kernel wrote it.
    pub(super) unsafe fn read(header: &libc::msghdr) -> (Option<IpAddr>, Option<u32>) {
        // SAFETY: as this function requires.
        let mut all = unsafe { Messages::of(header) };
        all.find_map(|message| {
            // SAFETY: the kernel puts these structures behind these types.
            unsafe {
                match message.of {
                    (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                        let info: libc::in_pktinfo = message.data();
                        let interface = u32::try_from(info.ipi_ifindex).ok();
                        Some((Some(ipv4(info.ipi_addr).into()), interface.filter(|&i| i != 0)))
                    }
                    (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                        let info: libc::in6_pktinfo = message.data();
                        let interface = Some(info.ipi6_ifindex);
                        Some((Some(ipv6(info.ipi6_addr).into()), interface))
                    }
                    _ => None,
                }
            }
        })
        .unwrap_or_default()
    }
}

/// The ancillary messages of a received datagram.
pub(super) struct Messages<'h> {
    header: &'h libc::msghdr,
    /// Null before the first.
    last: *mut libc::cmsghdr,
}

/// One ancillary message.
pub(super) struct Message {
    /// Its level and its type.
    pub(super) of: (libc::c_int, libc::c_int),
    data: *const libc::c_uchar,
}

impl<'h> Messages<'h> {
    /// # Safety
    /// `header` has the ancillary data as the kernel wrote it, for as long as this lives.
    pub(super) unsafe fn of(header: &'h libc::msghdr) -> Self {
        Self { header, last: ptr::null_mut() }
    }
}

impl Iterator for Messages<'_> {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        // SAFETY: the header is as `of` requires, and the macros stay within the length in it.
        let message = unsafe {
            if self.last.is_null() {
                libc::CMSG_FIRSTHDR(self.header)
            } else {
                libc::CMSG_NXTHDR(self.header, self.last)
            }
        };
        if message.is_null() {
            return None;
        }
        self.last = message;
        // SAFETY: the macros found a whole message there.
        unsafe {
            let of = ((*message).cmsg_level, (*message).cmsg_type);
            Some(Message { of, data: libc::CMSG_DATA(message) })
        }
    }
}

impl Message {
    /// # Safety
    /// A message of this level and this type begins with a `T`.
    pub(super) unsafe fn data<T>(&self) -> T {
        // SAFETY: as this function requires.
        unsafe { self.data.cast::<T>().read_unaligned() }
    }
}

/// Writes a variant of the union `U` to its place, and returns the variant's length.
fn put<U, T>(place: &mut MaybeUninit<U>, variant: T) -> libc::socklen_t {
    const { assert!(size_of::<T>() <= size_of::<U>() && align_of::<T>() <= align_of::<U>()) };
    // SAFETY: there is room for it, suitably aligned, as was just asserted.
    unsafe { ptr::write(place.as_mut_ptr().cast(), variant) };
    size_of::<T>() as libc::socklen_t
}

fn in_addr(address: Ipv4Addr) -> libc::in_addr {
    libc::in_addr { s_addr: u32::from_ne_bytes(address.octets()) }
}

fn in6_addr(address: Ipv6Addr) -> libc::in6_addr {
    libc::in6_addr { s6_addr: address.octets() }
}

fn ipv4(address: libc::in_addr) -> Ipv4Addr {
    Ipv4Addr::from(address.s_addr.to_ne_bytes())
}

fn ipv6(address: libc::in6_addr) -> Ipv6Addr {
    Ipv6Addr::from(address.s6_addr)
}
