//! The addresses to probe on each interface.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use ipnet::Ipv4Net;

use crate::interface::{Interface, LinkKind, LinkState, Selection, broadcast_address};
use crate::{SocketId, Transmit};

/// The rounds in which a target is probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Every,
    Second,
}

/// Where one probe of each round goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    destination: SocketAddr,
    source: Option<IpAddr>,
    interface: Option<u32>,
    turn: Turn,
}

impl Target {
    /// One address, probed in every round, by the route that the system chooses.
    pub fn routed(destination: SocketAddr) -> Self {
        Self { destination, source: None, interface: None, turn: Turn::Every }
    }

    /// One address on the link of the interface with this index, whatever the routing table says.
    pub(crate) fn neighbour(destination: SocketAddr, interface: u32) -> Self {
        Self { interface: Some(interface), ..Self::routed(destination) }
    }

    /// The address: of a broadcast or a host.
    pub fn destination(&self) -> SocketAddr {
        self.destination
    }

    /// The interface it leaves by; `None` lets the routing table choose.
    pub fn interface(&self) -> Option<u32> {
        self.interface
    }

    pub(crate) fn is_called_in(&self, round: u32) -> bool {
        self.turn == Turn::Every || round.is_multiple_of(2)
    }

    pub(crate) fn transmit(&self, socket: SocketId, payload: Bytes) -> Transmit {
        let (destination, source, interface) = (self.destination, self.source, self.interface);
        Transmit { socket, destination, source, interface, payload }
    }

    fn on(interface: &Interface, source: Ipv4Addr, destination: Ipv4Addr, port: u16) -> Self {
        Self::from_interface(interface, source.into(), SocketAddr::new(destination.into(), port))
    }

    /// An address on the link of an interface, probed in every round from `source`.
    pub(super) fn from_interface(
        interface: &Interface,
        source: IpAddr,
        destination: SocketAddr,
    ) -> Self {
        let (source, interface) = (Some(source), Some(interface.index));
        Self { destination, source, interface, turn: Turn::Every }
    }

    fn in_second_rounds(self) -> Self {
        Self { turn: Turn::Second, ..self }
    }
}

/// The addresses to probe on the selected interfaces: the broadcast address of each network, the
/// peer on a network of two (RFC 3021) and, in every second round, `255.255.255.255`, which also
/// reaches hosts of other networks on the same link.
///
/// A loopback interface that was named is probed at its own addresses. If there is no other
/// interface at all and none was named, loopback is probed, so that a server on this host is found
/// without a network.
pub fn broadcast_targets(
    interfaces: &[Interface],
    selection: &Selection,
    port: u16,
) -> Vec<Target> {
    let targets = targets_on_links(interfaces, selection, port);
    if targets.is_empty() { loopback_targets(interfaces, selection, port) } else { targets }
}

/// The same without what is probed for want of any other interface.
pub(super) fn targets_on_links(
    interfaces: &[Interface],
    selection: &Selection,
    port: u16,
) -> Vec<Target> {
    let used = interfaces.iter().filter(|i| selection.check(i).is_ok());
    used.flat_map(|interface| targets_on(interface, port)).collect()
}

/// Loopback's own addresses, unless interfaces were named.
pub(super) fn loopback_targets(
    interfaces: &[Interface],
    selection: &Selection,
    port: u16,
) -> Vec<Target> {
    let loopback = interfaces.iter().find(|i| {
        i.kind == LinkKind::Loopback
            && i.state == LinkState::Up
            && !selection.exclude.contains(&i.name)
    });
    let loopback = loopback.filter(|_| selection.include.is_empty());
    loopback.into_iter().flat_map(|i| targets_on(i, port)).collect()
}

/// The addresses that [`broadcast_targets`] has for every round, each with the index of its
/// interface, for display.
pub fn broadcast_addresses(interfaces: &[Interface], selection: &Selection) -> Vec<(u32, IpAddr)> {
    const ANY_PORT: u16 = 1;
    let targets = broadcast_targets(interfaces, selection, ANY_PORT);
    let every_round = targets.into_iter().filter(|target| target.turn == Turn::Every);
    every_round.filter_map(|target| Some((target.interface?, target.destination.ip()))).collect()
}

/// The other end of a network of two.
fn peer(net: Ipv4Net) -> Option<Ipv4Addr> {
    (net.prefix_len() == 31).then(|| Ipv4Addr::from_bits(net.addr().to_bits() ^ 1))
}

fn targets_on(interface: &Interface, port: u16) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for net in interface.ipv4() {
        let destination = match interface.kind {
            LinkKind::Loopback => Some(net.addr()),
            LinkKind::Broadcast | LinkKind::PointToPoint => {
                broadcast_address(net).or_else(|| peer(net))
            }
        };
        let Some(destination) = destination else { continue };
        if !targets.iter().any(|t| t.destination.ip() == destination) {
            targets.push(Target::on(interface, net.addr(), destination, port));
        }
    }
    let first = interface.ipv4().next().filter(|_| interface.kind == LinkKind::Broadcast);
    targets.extend(first.map(|net| {
        Target::on(interface, net.addr(), Ipv4Addr::BROADCAST, port).in_second_rounds()
    }));
    targets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interface::fixture as interface;

    fn destinations(interfaces: &[Interface], selection: &Selection) -> Vec<String> {
        broadcast_targets(interfaces, selection, 9999)
            .into_iter()
            .map(|t| format!("{} by {:?} {:?}", t.destination, t.interface, t.turn))
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
                "10.0.1.255:9999 by Some(2) Every",
                "10.0.2.255:9999 by Some(2) Every",
                "255.255.255.255:9999 by Some(2) Second",
                "10.0.1.255:9999 by Some(3) Every",
                "255.255.255.255:9999 by Some(3) Second",
            ]
        );
        let lo = Selection { include: vec!["lo".into()], exclude: vec![] };
        assert_eq!(destinations(&interfaces, &lo), ["127.0.0.1:9999 by Some(1) Every"]);
    }

    #[test]
    fn loopback_when_there_is_nothing_else() {
        let alone = [interface(1, "lo", LinkKind::Loopback, &["127.0.0.1/8"])];
        assert_eq!(
            destinations(&alone, &Selection::default()),
            ["127.0.0.1:9999 by Some(1) Every"]
        );
        let not_lo = Selection { include: vec![], exclude: vec!["lo".into()] };
        assert_eq!(destinations(&alone, &not_lo), Vec::<String>::new());
        let eth0 = Selection { include: vec!["eth0".into()], exclude: vec![] };
        assert_eq!(destinations(&alone, &eth0), Vec::<String>::new());
    }

    #[test]
    fn the_peer_on_a_network_of_two() {
        let eth0 = [interface(2, "eth0", LinkKind::Broadcast, &["10.0.0.0/31"])];
        let called = destinations(&eth0, &Selection::default());
        assert_eq!(called[0], "10.0.0.1:9999 by Some(2) Every");
        let eth0 = [interface(2, "eth0", LinkKind::Broadcast, &["10.0.0.1/31"])];
        let called = destinations(&eth0, &Selection::default());
        assert_eq!(called[0], "10.0.0.0:9999 by Some(2) Every");
    }

    #[test]
    fn every_network_of_a_host_of_thousands_is_listed() {
        let addresses: Vec<String> =
            (0..2000).map(|n| format!("10.{}.{}.1/24", n / 250, n % 250)).collect();
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let eth0 = [interface(2, "eth0", LinkKind::Broadcast, &addresses)];
        let everybody = 1;
        assert_eq!(destinations(&eth0, &Selection::default()).len(), 2000 + everybody);
    }
}
