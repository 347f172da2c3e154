//! Which hosts of a link answer for an address, asked by ARP.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod sys;
#[cfg(not(target_os = "linux"))]
#[path = "portable.rs"]
mod sys;

mod answer;
#[cfg(any(target_os = "linux", test))]
mod packet;

use std::net::Ipv4Addr;
use std::time::Duration;

pub use answer::ArpAnswer;

/// Asks by ARP, as an address probe does (RFC 5227 section 2.1.1), which hosts on the link of the
/// interface with this index have one of `addresses`, of which the first 64 are asked about.
/// Collects answers for `time`; an address with two hosts has two answers. This host does not
/// answer itself.
///
/// `None` where that is not permitted (without `CAP_NET_RAW`) or not possible (all but Linux). The
/// probe names no sender, so nobody's table changes.
pub fn arp_probe(interface: u32, addresses: &[Ipv4Addr], time: Duration) -> Option<Vec<ArpAnswer>> {
    const MOST: usize = 64;
    sys::probe(interface, &addresses[..addresses.len().min(MOST)], time)
}
