use std::io;
use std::mem::MaybeUninit;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::answer::ArpAnswer;
use super::packet;

pub(super) fn probe(
    interface: u32,
    addresses: &[Ipv4Addr],
    time: Duration,
) -> Option<Vec<ArpAnswer>> {
    /// An address that every host of a large link claims is answered for often enough.
    const MOST: usize = 256;
    let socket =
        open(interface).inspect_err(|error| tracing::debug!(%error, "ARP cannot be used")).ok()?;
    let own = own_link(&socket)?;
    let everybody = link_address(interface, [0xff; 6]).ok()?;
    for &address in addresses {
        socket.send_to(&packet::probe(own, address), &everybody).ok()?;
    }
    let end = Instant::now() + time;
    let mut answers = Vec::new();
    while answers.len() < MOST {
        let rest = end.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            break;
        }
        // A timeout of zero would wait without end.
        socket.set_read_timeout(Some(rest.max(Duration::from_millis(1)))).ok()?;
        let mut room = [MaybeUninit::<u8>::uninit(); 128];
        let Ok(length) = socket.recv(&mut room) else { continue };
        // SAFETY: the kernel has written this many bytes at the start.
        let bytes = unsafe { std::slice::from_raw_parts(room.as_ptr().cast::<u8>(), length) };
        let answer = packet::read(bytes).filter(|answer| addresses.contains(&answer.address));
        answers.extend(answer.filter(|answer| !answers.contains(answer)));
    }
    // By default Linux answers on one interface for the address of another on the same link.
    let ours = own_links();
    answers.retain(|answer| !ours.contains(&answer.link));
    Some(answers)
}

/// The link addresses of this host's interfaces.
fn own_links() -> Vec<[u8; 6]> {
    let listed = nix::ifaddrs::getifaddrs().into_iter().flatten();
    listed.filter_map(|entry| entry.address?.as_link_addr()?.addr()).collect()
}

/// A socket that hears the ARP packets of one interface, without their Ethernet headers.
fn open(interface: u32) -> io::Result<Socket> {
    let protocol = Protocol::from(i32::from(ARP.to_be()));
    let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(protocol))?;
    socket.bind(&link_address(interface, [0; 6])?)?;
    Ok(socket)
}

#[expect(clippy::cast_possible_truncation, reason = "it is 0x0806")]
const ARP: u16 = libc::ETH_P_ARP as u16;

fn link_address(interface: u32, link: [u8; 6]) -> io::Result<SockAddr> {
    // SAFETY: all-zero is a valid value of this plain structure.
    let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
    address.sll_family = libc::AF_PACKET as u16;
    address.sll_protocol = ARP.to_be();
    address.sll_ifindex = interface.cast_signed();
    address.sll_halen = 6;
    address.sll_addr[..6].copy_from_slice(&link);
    let length = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
    // SAFETY: the storage is large enough for any address, aligned, and does not overlap.
    let made = unsafe {
        SockAddr::try_init(|storage, len| {
            storage.cast::<libc::sockaddr_ll>().write(address);
            *len = length;
            Ok(())
        })
    };
    Ok(made?.1)
}

/// The link address of the interface that the socket is bound to; `None` if that is no Ethernet.
fn own_link(socket: &Socket) -> Option<[u8; 6]> {
    let bound = socket.local_addr().ok()?;
    if i32::from(bound.family()) != libc::AF_PACKET {
        return None;
    }
    // SAFETY: the storage behind a socket address is larger than any of them, and this one is of
    // that family.
    let bound = unsafe { bound.as_ptr().cast::<libc::sockaddr_ll>().read_unaligned() };
    (bound.sll_halen == 6).then(|| [0, 1, 2, 3, 4, 5].map(|i: usize| bound.sll_addr[i]))
}
