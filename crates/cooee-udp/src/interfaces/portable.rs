//! As far as the addresses tell: an interface without one is not listed.

use std::io;

use cooee_core::interface::{Interface, InterfaceRole, LinkKind, LinkState};
use if_addrs::{IfAddr, IfOperStatus};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::interfaces::role::with_role;

pub(super) fn interfaces() -> io::Result<Vec<Interface>> {
    let mut interfaces: Vec<Interface> = Vec::new();
    for entry in if_addrs::get_if_addrs()? {
        let (Some(index), Some(net)) = (entry.index, network(&entry.addr)) else { continue };
        match interfaces.iter_mut().find(|i| i.index == index) {
            Some(known) => known.addresses.push(net),
            None => interfaces.push(Interface {
                index,
                kind: kind(&entry),
                state: state(&entry.oper_status),
                name: entry.name,
                addresses: vec![net],
                role: InterfaceRole::default(),
            }),
        }
    }
    Ok(interfaces.into_iter().map(|interface| with_role(interface, None)).collect())
}

pub(super) fn has_only_virtual_links() -> io::Result<bool> {
    Ok(false)
}

fn network(address: &IfAddr) -> Option<IpNet> {
    match address {
        IfAddr::V4(v4) => Ipv4Net::new(v4.ip, v4.prefixlen).ok().map(IpNet::V4),
        IfAddr::V6(v6) => Ipv6Net::new(v6.ip, v6.prefixlen).ok().map(IpNet::V6),
    }
}

fn kind(entry: &if_addrs::Interface) -> LinkKind {
    if entry.is_loopback() {
        LinkKind::Loopback
    } else if entry.is_p2p() {
        LinkKind::PointToPoint
    } else {
        LinkKind::Broadcast
    }
}

fn state(status: &IfOperStatus) -> LinkState {
    if *status == IfOperStatus::Up { LinkState::Up } else { LinkState::Down }
}
