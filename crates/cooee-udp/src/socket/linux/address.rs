//! Socket addresses and packet information, as the kernel reads and writes them.
//!
//! What is for IPv6 only is kept out of the way of IPv4, where each instruction of an answer counts.

use std::mem::{self, MaybeUninit};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use cooee_core::Transmit;

/// Room for an address of either family; 32 bytes, which are quickly counted off.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub(super) union Name {
    v4: libc::sockaddr_in,
    v6: libc::sockaddr_in6,
}

/// Room for the packet information of either family.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) union PacketInfo {
    v4: Ancillary<libc::in_pktinfo>,
    v6: Ancillary<libc::in6_pktinfo>,
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

/// Has `header` say where `transmit` goes, and what it leaves from. The header then points into
/// `name` and `info`.
pub(super) fn write(
    header: &mut libc::msghdr,
    name: &mut MaybeUninit<Name>,
    info: &mut MaybeUninit<PacketInfo>,
    transmit: &Transmit,
) {
    let (name_length, info_length) = match transmit.destination {
        SocketAddr::V4(destination) => write_v4(name, info, destination, transmit),
        SocketAddr::V6(destination) => write_v6(name, info, destination, transmit),
    };
    header.msg_name = name.as_mut_ptr().cast();
    header.msg_namelen = name_length as libc::socklen_t;
    if transmit.source.is_some() || transmit.interface.is_some() {
        header.msg_control = info.as_mut_ptr().cast();
        header.msg_controllen = info_length as _;
    }
}

/// Returns how much was written of both.
fn write_v4(
    name: &mut MaybeUninit<Name>,
    info: &mut MaybeUninit<PacketInfo>,
    destination: SocketAddrV4,
    transmit: &Transmit,
) -> (usize, usize) {
    let source = match transmit.source {
        Some(IpAddr::V4(source)) => source,
        _ => Ipv4Addr::UNSPECIFIED,
    };
    let v4 = libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: destination.port().to_be(),
        sin_addr: in_addr(*destination.ip()),
        sin_zero: [0; 8],
    };
    name.write(Name { v4 });
    let data = libc::in_pktinfo {
        ipi_ifindex: transmit.interface.map_or(0, u32::cast_signed),
        ipi_spec_dst: in_addr(source),
        ipi_addr: in_addr(Ipv4Addr::UNSPECIFIED),
    };
    info.write(PacketInfo { v4: Ancillary::new(libc::IPPROTO_IP, libc::IP_PKTINFO, data) });
    (size_of_val(&v4), size_of::<Ancillary<libc::in_pktinfo>>())
}

/// Returns how much was written of both.
#[inline(never)]
fn write_v6(
    name: &mut MaybeUninit<Name>,
    info: &mut MaybeUninit<PacketInfo>,
    destination: SocketAddrV6,
    transmit: &Transmit,
) -> (usize, usize) {
    let source = match transmit.source {
        Some(IpAddr::V6(source)) => source,
        _ => Ipv6Addr::UNSPECIFIED,
    };
    let v6 = libc::sockaddr_in6 {
        sin6_family: libc::AF_INET6 as libc::sa_family_t,
        sin6_port: destination.port().to_be(),
        sin6_flowinfo: destination.flowinfo(),
        sin6_addr: in6_addr(*destination.ip()),
        sin6_scope_id: destination.scope_id(),
    };
    name.write(Name { v6 });
    let data = libc::in6_pktinfo {
        ipi6_addr: in6_addr(source),
        ipi6_ifindex: transmit.interface.unwrap_or(0),
    };
    info.write(PacketInfo { v6: Ancillary::new(libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, data) });
    (size_of_val(&v6), size_of::<Ancillary<libc::in6_pktinfo>>())
}

/// Whether a name of this length is an address of IPv6.
pub(super) fn is_v6(length: libc::socklen_t) -> bool {
    length as usize == size_of::<libc::sockaddr_in6>()
}

/// The address of IPv4 in `name`; nobody's if the kernel named none.
///
/// # Safety
/// The kernel wrote `length` bytes of `name`.
pub(super) unsafe fn read_v4(name: &MaybeUninit<Name>, length: libc::socklen_t) -> SocketAddr {
    if length as usize != size_of::<libc::sockaddr_in>() {
        return SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0).into();
    }
    // SAFETY: the kernel wrote all of it.
    let name = unsafe { &*name.as_ptr().cast::<libc::sockaddr_in>() };
    SocketAddrV4::new(ipv4(name.sin_addr), u16::from_be(name.sin_port)).into()
}

/// The address of IPv6 in `name`.
///
/// # Safety
/// The kernel wrote such an address.
pub(super) unsafe fn read_v6(name: &MaybeUninit<Name>) -> SocketAddr {
    // SAFETY: as this function requires.
    let name = unsafe { &name.assume_init_ref().v6 };
    let port = u16::from_be(name.sin6_port);
    SocketAddrV6::new(ipv6(name.sin6_addr), port, name.sin6_flowinfo, name.sin6_scope_id).into()
}

/// Where a datagram of IPv4 was sent to, and the interface that it arrived on.
///
/// # Safety
/// `header` has the ancillary data as the kernel wrote it.
pub(super) unsafe fn read_info_v4(header: &libc::msghdr) -> (Option<IpAddr>, Option<u32>) {
    // SAFETY: as this function requires, and such a message begins with that structure.
    let info: Option<libc::in_pktinfo> =
        unsafe { find(header, libc::IPPROTO_IP, libc::IP_PKTINFO) };
    let Some(info) = info else { return (None, None) };
    let interface = u32::try_from(info.ipi_ifindex).ok().filter(|&index| index != 0);
    (Some(ipv4(info.ipi_addr).into()), interface)
}

/// Where a datagram of IPv6 was sent to, and the interface that it arrived on.
///
/// # Safety
/// `header` has the ancillary data as the kernel wrote it.
pub(super) unsafe fn read_info_v6(header: &libc::msghdr) -> (Option<IpAddr>, Option<u32>) {
    // SAFETY: as this function requires, and such a message begins with that structure.
    let info: Option<libc::in6_pktinfo> =
        unsafe { find(header, libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) };
    let Some(info) = info else { return (None, None) };
    (Some(ipv6(info.ipi6_addr).into()), Some(info.ipi6_ifindex).filter(|&index| index != 0))
}

/// What the first ancillary message of a level and a type begins with.
///
/// # Safety
/// `header` has the ancillary data as the kernel wrote it, and such a message begins with a `T`.
pub(super) unsafe fn find<T>(
    header: &libc::msghdr,
    level: libc::c_int,
    kind: libc::c_int,
) -> Option<T> {
    // SAFETY: as this function requires; the macros stay within the length in `header`.
    unsafe {
        let mut next = libc::CMSG_FIRSTHDR(header);
        while !next.is_null() {
            if ((*next).cmsg_level, (*next).cmsg_type) == (level, kind) {
                return Some(libc::CMSG_DATA(next).cast::<T>().read_unaligned());
            }
            next = libc::CMSG_NXTHDR(header, next);
        }
    }
    None
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
