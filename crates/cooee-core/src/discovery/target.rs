use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};

use bytes::Bytes;

use crate::Transmit;
use crate::interface::{Interface, LinkKind, LinkState, Selection, broadcast_address};

/// Where one probe of each round goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// A broadcast address or a host.
    pub destination: SocketAddrV4,
    /// The local address it leaves from; `None` lets the system choose.
    pub source: Option<Ipv4Addr>,
    /// The interface it leaves by; `None` lets the routing table choose.
    pub interface: Option<u32>,
}

impl Target {
    /// One host, called directly, by whichever way the routing table says.
    pub fn host(destination: SocketAddrV4) -> Self {
        Self { destination, source: None, interface: None }
    }

    pub(super) fn call(&self, probe: Bytes) -> Transmit {
        Transmit {
            destination: self.destination.into(),
            source: self.source.map(IpAddr::V4),
            interface: self.interface,
            payload: probe,
        }
    }

    fn on(interface: &Interface, source: Ipv4Addr, destination: Ipv4Addr, port: u16) -> Self {
        Self {
            destination: SocketAddrV4::new(destination, port),
            source: Some(source),
            interface: Some(interface.index),
        }
    }
}

/// The broadcast addresses to call: one for each network of each selected interface.
///
/// A loopback interface that was named is called at its own addresses. If there is no other
/// interface at all and none was named, loopback is called, so that a server on this host is found
/// without a network.
pub fn call_targets(interfaces: &[Interface], selection: &Selection, port: u16) -> Vec<Target> {
    let mut targets = Vec::new();
    for interface in interfaces.iter().filter(|i| selection.check(i).is_ok()) {
        targets.extend(targets_on(interface, port));
    }
    let may_fall_back = selection.include.is_empty();
    if targets.is_empty() && may_fall_back {
        let loopback = interfaces.iter().find(|i| {
            i.kind == LinkKind::Loopback
                && i.state == LinkState::Up
                && !selection.exclude.contains(&i.name)
        });
        targets.extend(loopback.into_iter().flat_map(|i| targets_on(i, port)));
    }
    targets
}

fn targets_on(interface: &Interface, port: u16) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for net in interface.ipv4() {
        let destination = match interface.kind {
            LinkKind::Loopback => Some(net.addr()),
            LinkKind::Broadcast | LinkKind::PointToPoint => broadcast_address(net),
        };
        let Some(destination) = destination else { continue };
        if !targets.iter().any(|t| *t.destination.ip() == destination) {
            targets.push(Target::on(interface, net.addr(), destination, port));
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(index: u32, name: &str, kind: LinkKind, addresses: &[&str]) -> Interface {
        Interface {
            index,
            name: name.into(),
            addresses: addresses.iter().map(|a| a.parse().expect("a network")).collect(),
            kind,
            state: LinkState::Up,
            role: crate::interface::InterfaceRole::default(),
        }
    }

    fn destinations(interfaces: &[Interface], selection: &Selection) -> Vec<String> {
        call_targets(interfaces, selection, 9999)
            .into_iter()
            .map(|t| format!("{} by {:?}", t.destination, t.interface))
            .collect()
    }

    #[test]
    fn one_for_each_network() {
        let interfaces = [
            interface(1, "lo", LinkKind::Loopback, &["127.0.0.1/8"]),
            interface(
                2,
                "eth0",
                LinkKind::Broadcast,
                &["10.0.1.2/24", "10.0.1.3/24", "10.0.2.2/24", "10.0.3.1/32"],
            ),
            interface(3, "wlan0", LinkKind::Broadcast, &["10.0.1.9/24"]),
            interface(4, "tun0", LinkKind::PointToPoint, &["10.8.0.2/24"]),
        ];
        assert_eq!(
            destinations(&interfaces, &Selection::default()),
            [
                "10.0.1.255:9999 by Some(2)",
                "10.0.2.255:9999 by Some(2)",
                "10.0.1.255:9999 by Some(3)"
            ]
        );
        let lo = Selection { include: vec!["lo".into()], exclude: vec![] };
        assert_eq!(destinations(&interfaces, &lo), ["127.0.0.1:9999 by Some(1)"]);
    }

    #[test]
    fn loopback_when_there_is_nothing_else() {
        let alone = [interface(1, "lo", LinkKind::Loopback, &["127.0.0.1/8"])];
        assert_eq!(destinations(&alone, &Selection::default()), ["127.0.0.1:9999 by Some(1)"]);
        let not_lo = Selection { include: vec![], exclude: vec!["lo".into()] };
        assert_eq!(destinations(&alone, &not_lo), Vec::<String>::new());
        let eth0 = Selection { include: vec!["eth0".into()], exclude: vec![] };
        assert_eq!(destinations(&alone, &eth0), Vec::<String>::new());
    }
}
