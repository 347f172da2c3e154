//! Which network this host is in.

use cooee::default_gateway;
use cooee::interface::{Interface, InterfaceRole, LinkKind, LinkState};
use cooee::ipnet::IpNet;

/// Why it is not known which network it is, as the predicate of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unknown(pub(super) &'static str);

/// What the network is known by: the link address of the router and the networks on its interface.
/// Millions of homes and cafés have a 192.168.1.0/24, and each has another router.
///
/// Without a default route, or on a system that does not tell, the networks of all interfaces have
/// to do. Networks of IPv6 count where there are none of IPv4; link-local ones, which every link
/// has, do not tell one from another.
pub(super) fn here(interfaces: &[Interface]) -> Result<String, Unknown> {
    match default_gateway() {
        Ok(Some(gateway)) => {
            let link_address = gateway.link_address.ok_or(Unknown("the router is not resolved"))?;
            let on_its_interface = |i: &Interface| i.index == gateway.interface;
            let networks = networks(interfaces, on_its_interface);
            let known_by = std::iter::once(format!("gateway {}", hexadecimal(&link_address)));
            Ok(known_by.chain(networks).collect::<Vec<_>>().join(" "))
        }
        Ok(None) | Err(_) => {
            let is_ordinary = |i: &Interface| {
                i.state == LinkState::Up
                    && i.kind != LinkKind::Loopback
                    && i.role == InterfaceRole::Ordinary
            };
            let networks = networks(interfaces, is_ordinary);
            let nothing = "there is neither a router nor an address that is not link-local";
            if networks.is_empty() { Err(Unknown(nothing)) } else { Ok(networks.join(" ")) }
        }
    }
}

/// `10.0.1.0/24`, `10.0.2.0/24`, or else `2001:db8:1::/64`.
fn networks(interfaces: &[Interface], is_meant: impl Fn(&Interface) -> bool) -> Vec<String> {
    let meant = interfaces.iter().filter(|interface| is_meant(interface));
    let nets: Vec<_> = meant.flat_map(|interface| &interface.addresses).collect();
    let v4 = nets.iter().filter(|net| tells(net) && net.addr().is_ipv4());
    let v6 = nets.iter().filter(|net| tells(net) && net.addr().is_ipv6());
    let named = |net: &&&IpNet| net.trunc().to_string();
    let mut networks: Vec<String> = v4.map(|net| named(&net)).collect();
    if networks.is_empty() {
        networks = v6.map(|net| named(&net)).collect();
    }
    networks.sort();
    networks.dedup();
    networks
}

/// Whether a network can be told from others by it. An address of IPv6 alone (/128) is a lease, and
/// another one tomorrow.
fn tells(net: &IpNet) -> bool {
    match net {
        IpNet::V4(net) => !net.addr().is_link_local(),
        IpNet::V6(net) => !net.addr().is_unicast_link_local() && net.prefix_len() < 128,
    }
}

/// `02:00:5e:10:00:01`.
fn hexadecimal(bytes: &[u8]) -> String {
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(addresses: &[&str]) -> Interface {
        Interface {
            index: 2,
            name: "eth0".into(),
            addresses: addresses.iter().map(|net| net.parse().unwrap()).collect(),
            kind: LinkKind::Broadcast,
            state: LinkState::Up,
            role: InterfaceRole::Ordinary,
        }
    }

    #[test]
    fn a_network_is_named_by_ipv4_or_else_by_ipv6_and_never_by_what_is_link_local() {
        let named = |addresses: &[&str]| networks(&[interface(addresses)], |_| true);
        assert_eq!(named(&["10.0.1.3/24", "fe80::3/64", "fd00::3/64"]), ["10.0.1.0/24"]);
        let of_both_prefixes = named(&["fd00::3/64", "2001:db8::3/64", "fd00::4/64", "fe80::3/64"]);
        assert_eq!(of_both_prefixes, ["2001:db8::/64", "fd00::/64"]);
        assert_eq!(named(&["169.254.7.7/16", "fd00::3/64"]), ["fd00::/64"]);
        for nothing in [&["fe80::3/64"][..], &["169.254.7.7/16"], &["2001:db8::7/128"], &[]] {
            assert!(named(nothing).is_empty(), "{nothing:?}");
        }
    }
}
