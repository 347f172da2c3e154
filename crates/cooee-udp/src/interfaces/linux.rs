//! As the kernel lists links and addresses.

use std::io;

use cooee_core::interface::{Interface, InterfaceRole, LinkKind, LinkState};
use netlink_packet_route::link::LinkFlags;

use super::role::with_role;
use crate::netlink::{Address, Consistency, Link, Netlink, Topic};

pub(super) fn interfaces() -> io::Result<Vec<Interface>> {
    /// While something changes again and again, the list is as of some moment nearby. Who watches
    /// for changes reads it anew.
    const ATTEMPTS: usize = 4;
    let mut netlink = Netlink::open(Topic::Routes)?;
    for _ in 1..ATTEMPTS {
        let (interfaces, consistency) = list(&mut netlink)?;
        if consistency == Consistency::Consistent {
            return Ok(interfaces);
        }
    }
    list(&mut netlink).map(|(interfaces, _)| interfaces)
}

pub(super) fn has_only_virtual_links() -> io::Result<bool> {
    let (mut pairs, mut others) = (0, 0);
    Netlink::open(Topic::Routes)?.dump(&Link::question(), |body| {
        let Some(link) = Link::read(body) else { return };
        let is_pair = link.kind.as_deref() == Some("veth");
        // Some kernels put idle tunnels into every namespace.
        let is_used =
            link.flags.contains(LinkFlags::Up) && !link.flags.contains(LinkFlags::Loopback);
        pairs += u32::from(is_pair && is_used);
        others += u32::from(!is_pair && is_used);
    })?;
    Ok(pairs > 0 && others == 0)
}

fn list(netlink: &mut Netlink) -> io::Result<(Vec<Interface>, Consistency)> {
    let mut links: Vec<(Interface, Option<String>)> = Vec::new();
    let of_links = netlink.dump(&Link::question(), |body| {
        if let Some(link) = Link::read(body) {
            links.push((interface(link.index, link.name, link.flags), link.kind));
        }
    })?;
    let of_addresses = netlink.dump(&Address::question(), |body| {
        let Some(address) = Address::read(body) else { return };
        let owner = links.iter_mut().find(|(of, _)| of.index == address.interface);
        if let Some((interface, _)) = owner {
            interface.addresses.push(address.net);
        }
    })?;
    let interfaces = links.into_iter().map(|(of, kind)| with_role(of, kind.as_deref())).collect();
    Ok((interfaces, of_links.and(of_addresses)))
}

fn interface(index: u32, name: String, flags: LinkFlags) -> Interface {
    let kind = if flags.contains(LinkFlags::Loopback) {
        LinkKind::Loopback
    } else if flags.contains(LinkFlags::Pointopoint) {
        LinkKind::PointToPoint
    } else {
        LinkKind::Broadcast
    };
    let state = if !flags.contains(LinkFlags::Up) {
        LinkState::Down
    } else if flags.contains(LinkFlags::Running) {
        LinkState::Up
    } else {
        LinkState::NoCarrier
    };
    let role = InterfaceRole::default();
    Interface { index, name, addresses: Vec::new(), kind, state, role }
}
