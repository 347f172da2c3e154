//! The links that test calls to everybody go to, and which addresses are there.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use cooee_core::interface::{Interface, LinkKind, LinkState, broadcast_address};

/// The interfaces of this host, as far as broadcasts leave by them.
pub(super) struct Links<'a> {
    interfaces: &'a [Interface],
}

impl<'a> Links<'a> {
    pub(super) fn new(interfaces: &'a [Interface]) -> Self {
        Self { interfaces }
    }

    fn used(&self) -> impl Iterator<Item = &'a Interface> {
        let is_used = |i: &&Interface| i.kind == LinkKind::Broadcast && i.state == LinkState::Up;
        self.interfaces.iter().filter(is_used)
    }

    /// The broadcast address of each network.
    pub(super) fn broadcasts(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.used().flat_map(Interface::ipv4).filter_map(broadcast_address)
    }

    /// The indexes of the interfaces on whose links the group can be called, from a link-local
    /// address.
    pub(super) fn with_groups(&self) -> impl Iterator<Item = u32> {
        self.used().filter(|interface| interface.link_local().is_some()).map(|link| link.index)
    }

    /// Whether a call to everybody should reach the host.
    pub(super) fn reach(&self, host: SocketAddr) -> bool {
        self.to(host).next().is_some()
    }

    /// Whether an answer to a call to everybody that came from `from` may be of the host at `peer`:
    /// it is on the same link, or that host on none, and it is not this host, whose answers no
    /// firewall drops.
    pub(super) fn may_be_of(&self, from: SocketAddr, peer: SocketAddr) -> bool {
        let near: Vec<_> = self.to(peer).collect();
        from.is_ipv4() == peer.is_ipv4()
            && !self.is_own(from)
            && (near.is_empty() || self.to(from).any(|link| near.contains(&link)))
    }

    /// The name of the interface on whose link the host is, if its address is link-local.
    pub(super) fn zone(&self, host: SocketAddr) -> Option<String> {
        let scope = scope(host)?;
        let interface = self.interfaces.iter().find(|interface| interface.index == scope);
        interface.map(|interface| interface.name.clone())
    }

    /// The indexes of the interfaces by which a call to everybody reaches the host.
    fn to(&self, host: SocketAddr) -> impl Iterator<Item = u32> {
        let reaches = move |interface: &&Interface| match host.ip() {
            // A network of two has no broadcasts (RFC 3021).
            IpAddr::V4(ip) => {
                interface.ipv4().any(|net| net.contains(&ip) && broadcast_address(net).is_some())
            }
            IpAddr::V6(ip) => {
                interface.link_local().is_some()
                    && interface.is_on_link(ip.into())
                    && scope(host).is_none_or(|scope| scope == interface.index)
            }
        };
        self.used().filter(reaches).map(|interface| interface.index)
    }

    fn is_own(&self, address: SocketAddr) -> bool {
        self.interfaces.iter().any(|interface| {
            interface.addresses.iter().any(|net| net.addr() == address.ip())
                && scope(address).is_none_or(|scope| scope == interface.index)
        })
    }
}

/// The index of the interface on whose link a link-local address is.
fn scope(address: SocketAddr) -> Option<u32> {
    match address {
        SocketAddr::V6(of) if of.ip().is_unicast_link_local() => {
            Some(of.scope_id()).filter(|scope| *scope != 0)
        }
        _ => None,
    }
}

#[cfg(test)]
pub(super) fn interface(index: u32, addresses: &[&str]) -> Interface {
    let name = format!("eth{index}");
    Interface {
        index,
        role: cooee_core::interface::role(&name, None, true),
        name,
        addresses: addresses.iter().map(|net| net.parse().unwrap()).collect(),
        kind: LinkKind::Broadcast,
        state: LinkState::Up,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_to_everybody_goes_to_each_network_and_reaches_hosts_there() {
        let eth2 = interface(2, &["10.0.1.3/24", "10.0.7.3/24", "10.0.8.0/31", "fd00::3/64"]);
        let eth3 = interface(3, &["fe80::3/64", "fd00:1::3/64"]);
        let down = Interface { state: LinkState::Down, ..interface(4, &["10.0.4.3/24"]) };
        let interfaces = [eth2, eth3, down];
        let links = Links::new(&interfaces);
        let broadcasts: Vec<_> = links.broadcasts().map(|to| to.to_string()).collect();
        assert_eq!(broadcasts, ["10.0.1.255", "10.0.7.255"]);
        assert_eq!(links.with_groups().collect::<Vec<_>>(), [3]);
        for (host, is_reached) in [
            ("10.0.1.7:9999", true),
            ("10.0.7.7:9999", true),
            ("10.0.8.1:9999", false),
            ("10.0.4.7:9999", false),
            ("10.0.9.7:9999", false),
            ("[fe80::7%3]:9999", true),
            ("[fe80::7%2]:9999", false),
            ("[fd00:1::7]:9999", true),
            ("[fd00::7]:9999", false),
        ] {
            assert_eq!(links.reach(host.parse().unwrap()), is_reached, "{host}");
        }
    }
}
