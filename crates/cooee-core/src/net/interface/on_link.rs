use ipnet::Ipv4Net;

use super::{Interface, LinkKind, Selection};
use crate::limits;
use crate::net::is_private;

/// An IPv4 network on a link of this host, and what is swept of it unless it is named.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OnLinkNetwork {
    /// The interface on it.
    pub interface: String,
    /// The interface's address and the prefix it is configured with.
    pub address: Ipv4Net,
    /// All of it, or the part around our address of [`limits::ON_LINK_PREFIX`].
    pub swept: Ipv4Net,
}

impl OnLinkNetwork {
    /// Whether it is a private network, of which each site has its own (RFC 1918, RFC 3927,
    /// RFC 6598).
    pub fn is_private(&self) -> bool {
        is_private(self.address.trunc().into())
    }

    /// Whether only a part of it is swept.
    pub fn is_cut(&self) -> bool {
        self.swept.prefix_len() > self.address.prefix_len()
    }
}

/// The networks on links of the interfaces that `selection` uses, in the order of the interfaces,
/// each network once. Loopback, and networks of one address, have no neighbours to find.
pub fn on_link_networks(interfaces: &[Interface], selection: &Selection) -> Vec<OnLinkNetwork> {
    let mut networks: Vec<OnLinkNetwork> = Vec::new();
    let is_used = |i: &&Interface| i.kind != LinkKind::Loopback && selection.check(i).is_ok();
    for interface in interfaces.iter().filter(is_used) {
        for address in interface.ipv4().filter(|address| address.prefix_len() < 32) {
            let prefix = address.prefix_len().max(limits::ON_LINK_PREFIX);
            let Ok(swept) = Ipv4Net::new(address.addr(), prefix) else { continue };
            let swept = swept.trunc();
            if networks.iter().all(|other| other.swept != swept) {
                networks.push(OnLinkNetwork { interface: interface.name.clone(), address, swept });
            }
        }
    }
    networks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interface::fixture;

    fn interface(name: &str, kind: LinkKind, addresses: &[&str]) -> Interface {
        fixture(1, name, kind, addresses)
    }

    #[test]
    fn wide_networks_are_cut_around_our_address() {
        let interfaces = [
            interface("lo", LinkKind::Loopback, &["127.0.0.1/8"]),
            interface("eth0", LinkKind::Broadcast, &["10.5.7.9/16", "10.5.6.1/16", "fd00::2/64"]),
            interface("wlan0", LinkKind::Broadcast, &["192.168.1.7/24", "192.168.9.9/32"]),
            interface("eth1", LinkKind::Broadcast, &["192.168.1.8/24"]),
            interface("tun0", LinkKind::PointToPoint, &["10.8.0.2/24"]),
        ];
        let swept: Vec<_> = on_link_networks(&interfaces, &Selection::default())
            .into_iter()
            .map(|net| format!("{} {} {}", net.interface, net.swept, net.is_cut()))
            .collect();
        assert_eq!(swept, ["eth0 10.5.4.0/22 true", "wlan0 192.168.1.0/24 false"]);
        let include = vec!["tun0".to_owned(), "lo".to_owned()];
        let named = Selection { include, exclude: Vec::new() };
        let [tunnel] = &on_link_networks(&interfaces, &named)[..] else { panic!("one") };
        assert_eq!(tunnel.swept.to_string(), "10.8.0.0/24");
    }
}
