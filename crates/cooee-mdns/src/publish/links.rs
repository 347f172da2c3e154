//! Which links to announce on, and which addresses are valid on each.

use std::net::IpAddr;

use cooee_core::interface::{Interface, InterfaceRole, LinkKind, LinkState};
use cooee_core::limits;

use super::published::Published;

/// A link to announce on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LinkAddresses {
    pub(super) index: u32,
    pub(super) name: String,
    /// All that may be named there.
    pub(super) addresses: Vec<IpAddr>,
}

/// The links with neighbours, each with its own addresses.
///
/// Two interfaces with one network are taken to be on one link, as with a cable and Wi-Fi to the same
/// router: each then names the addresses of both, or the two would contradict each other. A network of
/// link-local addresses says nothing, since every link has it (see [`Segments`](super::Segments)).
pub(super) fn links(interfaces: &[Interface]) -> Vec<LinkAddresses> {
    let used: Vec<_> = interfaces.iter().filter(|interface| is_used(interface)).collect();
    let on_one_link = |one: &Interface, other: &Interface| {
        let mut networks = one.addresses.iter().filter(|net| tells(net.addr()));
        networks.any(|net| other.addresses.iter().any(|of| of.trunc() == net.trunc()))
    };
    let links = used.iter().map(|interface| {
        let neighbours = used
            .iter()
            .filter(|other| other.index != interface.index && on_one_link(interface, other));
        let own_first = std::iter::once(interface).chain(neighbours);
        let mut addresses = Vec::new();
        for net in own_first.flat_map(|interface| &interface.addresses) {
            let address = net.addr();
            if names_a_host(address) && !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        addresses.truncate(limits::PUBLISHED_ADDRESSES_MAX);
        LinkAddresses { index: interface.index, name: interface.name.clone(), addresses }
    });
    links.filter(|link| !link.addresses.is_empty()).take(limits::PUBLISHED_LINKS_MAX).collect()
}

/// Whether the network of this address is that of one link.
fn tells(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !address.is_link_local(),
        IpAddr::V6(address) => !address.is_unicast_link_local(),
    }
}

/// Whether no address tells which segment the link is on.
pub(super) fn is_unplaced(link: &LinkAddresses) -> bool {
    !link.addresses.iter().copied().any(tells)
}

/// Whether the link keeps an address of those that tell where it is, or any if none tells.
pub(super) fn is_where_it_was(before: &LinkAddresses, now: &LinkAddresses) -> bool {
    let is_unplaced = is_unplaced(before) && is_unplaced(now);
    let mut telling = before.addresses.iter().filter(|of| is_unplaced || tells(**of));
    telling.any(|of| now.addresses.contains(of))
}

/// Networks inside this host are left out, as for probes over IPv6: nobody browses there.
fn is_used(interface: &Interface) -> bool {
    interface.kind == LinkKind::Broadcast
        && interface.state == LinkState::Up
        && interface.role != InterfaceRole::Container
}

fn names_a_host(address: IpAddr) -> bool {
    !address.is_loopback() && !address.is_unspecified() && !address.is_multicast()
}

/// Those of the link's addresses at which the service can be reached.
pub(super) fn reachable(link: &LinkAddresses, published: &Published) -> Vec<IpAddr> {
    let is_at = |address: &IpAddr| {
        published.listens_on.iter().any(|on| match on.is_unspecified() {
            true => on.is_ipv4() == address.is_ipv4(),
            false => on == address,
        })
    };
    link.addresses.iter().copied().filter(is_at).collect()
}

#[cfg(test)]
mod tests {
    use cooee_core::announced::Publication;

    use super::*;

    fn interface(index: u32, name: &str, addresses: &[&str]) -> Interface {
        Interface {
            index,
            name: name.into(),
            addresses: addresses.iter().map(|net| net.parse().unwrap()).collect(),
            kind: if name == "lo" { LinkKind::Loopback } else { LinkKind::Broadcast },
            state: LinkState::Up,
            role: cooee_core::interface::role(name, None, true),
        }
    }

    fn shown(interfaces: &[Interface]) -> Vec<String> {
        let written = |link: LinkAddresses| {
            let addresses: Vec<_> = link.addresses.iter().map(IpAddr::to_string).collect();
            format!("{}: {}", link.name, addresses.join(" "))
        };
        links(interfaces).into_iter().map(written).collect()
    }

    #[test]
    fn each_link_has_its_own_addresses_and_loopback_has_none() {
        let interfaces = [
            interface(1, "lo", &["127.0.0.1/8", "::1/128"]),
            interface(2, "eth0", &["10.0.0.1/24", "fe80::1/64"]),
            interface(3, "eth1", &["10.0.1.1/24", "fe80::2/64", "fd00::2/64"]),
            interface(4, "docker0", &["172.17.0.1/16"]),
            interface(5, "eth2", &[]),
            Interface { state: LinkState::Down, ..interface(6, "eth3", &["10.0.2.1/24"]) },
        ];
        assert_eq!(
            shown(&interfaces),
            ["eth0: 10.0.0.1 fe80::1", "eth1: 10.0.1.1 fe80::2 fd00::2"]
        );
    }

    #[test]
    fn two_interfaces_on_one_link_say_the_same() {
        let interfaces = [
            interface(2, "eth0", &["10.0.0.1/24", "fe80::1/64"]),
            interface(3, "wlan0", &["10.0.0.2/24", "fe80::2/64"]),
        ];
        let [eth0, wlan0] = &links(&interfaces)[..] else { panic!("two links") };
        assert_eq!(eth0.addresses[0], "10.0.0.1".parse::<IpAddr>().unwrap());
        let sorted = |link: &LinkAddresses| {
            let mut addresses = link.addresses.clone();
            addresses.sort_unstable();
            addresses
        };
        assert_eq!(sorted(eth0), sorted(wlan0));
        assert_eq!(eth0.addresses.len(), 4);
    }

    #[test]
    fn one_link_is_known_by_its_networks_of_either_family_and_not_by_link_local_ones() {
        let of_one = |first: &[&str], second: &[&str]| {
            let interfaces = [interface(2, "eth0", first), interface(3, "wlan0", second)];
            links(&interfaces)[0].addresses.len() == first.len() + second.len()
        };
        assert!(of_one(&["2001:db8::1/64", "fe80::1/64"], &["2001:db8::2/64", "fe80::2/64"]));
        assert!(!of_one(&["169.254.0.1/16"], &["169.254.0.2/16"]));
        assert!(!of_one(&["fe80::1/64"], &["fe80::2/64"]));
    }

    #[test]
    fn a_service_names_only_where_it_is_reached() {
        let addresses = ["10.0.0.1/24", "10.0.0.9/24", "10.0.0.17/24", "fe80::1/64"];
        let link = &links(&[interface(2, "eth0", &addresses)])[0];
        let publication = Publication { name: "W".into(), hostname: None, services: Vec::new() };
        let at = |listens_on: &[&str]| {
            let listens_on = listens_on.iter().map(|ip| ip.parse().unwrap()).collect();
            let published = Published { publication: publication.clone(), listens_on };
            reachable(link, &published).iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(at(&["0.0.0.0", "::"]), "10.0.0.1 10.0.0.9 10.0.0.17 fe80::1");
        assert_eq!(at(&["0.0.0.0"]), "10.0.0.1 10.0.0.9 10.0.0.17");
        assert_eq!(at(&["::"]), "fe80::1");
        assert_eq!(at(&["10.0.0.9"]), "10.0.0.9");
        assert_eq!(at(&["10.0.0.1", "10.0.0.9"]), "10.0.0.1 10.0.0.9");
        assert_eq!(at(&["10.0.0.9", "::"]), "10.0.0.9 fe80::1");
        assert_eq!(at(&["127.0.0.1"]), "");
        assert_eq!(at(&[]), "");
    }
}
