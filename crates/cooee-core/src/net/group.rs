//! The IPv6 group that servers join and clients probe.

use std::net::{IpAddr, Ipv6Addr, SocketAddrV6};

use super::target::{Target, loopback_targets, targets_on_links};
use crate::interface::{Interface, Selection};
use crate::wire::{Families, Family};

/// The group: link-local scope and transient, since nobody has assigned it (RFC 4291 section 2.7).
/// Its number is from the range of such groups (RFC 3307 section 4.3), and otherwise arbitrary.
pub const GROUP: Ipv6Addr = Ipv6Addr::new(0xff12, 0, 0, 0, 0, 0, 0xc00e, 0x270f);

/// One target for each selected interface that has a link-local IPv6 address: the [`GROUP`] on its
/// link, called from that address.
pub fn group_targets(interfaces: &[Interface], selection: &Selection, port: u16) -> Vec<Target> {
    let used = interfaces.iter().filter(|i| selection.check(i).is_ok());
    let target = |interface: &Interface| {
        let source = interface.link_local()?;
        let destination = SocketAddrV6::new(GROUP, port, 0, interface.index);
        Some(Target::from_interface(interface, IpAddr::V6(source), destination.into()))
    };
    used.filter_map(target).collect()
}

/// The indexes of the interfaces on which a server joins the [`GROUP`]: those that are up and have a
/// link-local IPv6 address.
pub fn group_interfaces(interfaces: &[Interface]) -> impl Iterator<Item = u32> + '_ {
    interfaces.iter().filter(|i| i.link_local().is_some()).map(|interface| interface.index)
}

/// What to probe in each round on the selected interfaces, over the families that are used: as
/// [`broadcast_targets`](super::broadcast_targets), then [`group_targets`]. Loopback stands in only
/// where there is neither.
pub fn targets(
    interfaces: &[Interface],
    selection: &Selection,
    families: Families,
    port: u16,
) -> Vec<Target> {
    let mut targets = Vec::new();
    if families.has(Family::V4) {
        targets.extend(targets_on_links(interfaces, selection, port));
    }
    if families.has(Family::V6) {
        targets.extend(group_targets(interfaces, selection, port));
    }
    if targets.is_empty() && families.has(Family::V4) {
        targets.extend(loopback_targets(interfaces, selection, port));
    }
    targets
}

/// The addresses that [`targets`] has for every round, each with the index of its interface, for
/// display.
pub fn probed_addresses(
    interfaces: &[Interface],
    selection: &Selection,
    families: Families,
) -> Vec<(u32, IpAddr)> {
    const ANY_PORT: u16 = 1;
    let targets = targets(interfaces, selection, families, ANY_PORT);
    let every_round = targets.iter().filter(|target| target.is_called_in(1));
    every_round
        .filter_map(|target| Some((target.interface()?, target.destination().ip())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interface::{LinkKind, fixture};

    fn interface(index: u32, kind: LinkKind, addresses: &[&str]) -> Interface {
        fixture(index, &format!("if{index}"), kind, addresses)
    }

    fn destinations(families: Families) -> Vec<String> {
        let interfaces = [
            interface(1, LinkKind::Loopback, &["127.0.0.1/8", "::1/128"]),
            interface(2, LinkKind::Broadcast, &["10.0.1.2/24", "2001:db8::2/64", "fe80::2/64"]),
            interface(3, LinkKind::Broadcast, &["fe80::2/64"]),
            interface(4, LinkKind::Broadcast, &["10.0.2.2/24"]),
            interface(5, LinkKind::PointToPoint, &["fe80::5/64"]),
        ];
        let called = targets(&interfaces, &Selection::default(), families, 9999);
        called.iter().map(|target| target.destination().to_string()).collect()
    }

    #[test]
    fn the_group_is_called_on_every_link_with_a_link_local_address() {
        let v4 =
            ["10.0.1.255:9999", "255.255.255.255:9999", "10.0.2.255:9999", "255.255.255.255:9999"];
        let v6 = ["[ff12::c00e:270f%2]:9999", "[ff12::c00e:270f%3]:9999"];
        assert_eq!(destinations(Families::V4), v4);
        assert_eq!(destinations(Families::V6), v6);
        assert_eq!(destinations(Families::Both), [&v4[..], &v6[..]].concat());
    }

    #[test]
    fn loopback_stands_in_where_there_is_neither_family() {
        let lo = interface(1, LinkKind::Loopback, &["127.0.0.1/8", "::1/128"]);
        let v6 = interface(2, LinkKind::Broadcast, &["fe80::2/64"]);
        let called = |interfaces: &[Interface], families| {
            let called = targets(interfaces, &Selection::default(), families, 9999);
            called.iter().map(|target| target.destination().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(called(std::slice::from_ref(&lo), Families::Both), ["127.0.0.1:9999"]);
        assert_eq!(called(&[lo.clone(), v6.clone()], Families::Both), ["[ff12::c00e:270f%2]:9999"]);
        assert_eq!(called(&[lo, v6], Families::V4), ["127.0.0.1:9999"]);
    }

    #[test]
    fn a_link_that_is_called_has_the_source_of_its_own() {
        let eth0 = interface(7, LinkKind::Broadcast, &["fd00::7/64", "fe80::7/64"]);
        let [target] = group_targets(&[eth0], &Selection::default(), 9999)[..] else {
            panic!("one target")
        };
        let transmit = target.transmit(crate::SocketId::V6, bytes::Bytes::new());
        assert_eq!(transmit.source, Some("fe80::7".parse().expect("an address")));
        assert_eq!(transmit.interface, Some(7));
    }
}
