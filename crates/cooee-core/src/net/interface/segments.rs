use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Interface, InterfaceRole, LinkKind, LinkState};

/// A network that is probably cut into segments which a broadcast does not cross.
///
/// Source: the warning of `django-udp-discovery-client` 1.0.0.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SegmentedNetwork {
    /// The interface on it.
    pub interface: String,
    /// The interface's address and the prefix it is configured with.
    pub address: Ipv4Net,
    /// The part of the network, a /24, that a broadcast is likely to reach.
    pub likely_reach: Ipv4Net,
    /// How many such parts the network has.
    pub segments: u32,
}

/// The first of these interfaces whose network is larger than a /24 in 10/8 or 172.16/12: large
/// private networks are usually segmented, and their segments do not forward broadcasts. A tunnel
/// is named only where nothing else is, and a network of containers is not segmented.
pub fn segmented_network<'a>(
    interfaces: impl IntoIterator<Item = &'a Interface>,
) -> Option<SegmentedNetwork> {
    const CORPORATE: [Ipv4Net; 2] = [
        Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
        Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
    ];
    const SEGMENT_PREFIX: u8 = 24;
    let is_usable = |i: &&Interface| {
        i.state == LinkState::Up
            && i.kind != LinkKind::Loopback
            && i.role != InterfaceRole::Container
    };
    let mut usable: Vec<_> = interfaces.into_iter().filter(is_usable).collect();
    usable.sort_by_key(|i| i.role == InterfaceRole::Vpn);
    usable
        .into_iter()
        .flat_map(|i| i.ipv4().map(move |address| (i, address)))
        .find(|(_, address)| {
            address.prefix_len() < SEGMENT_PREFIX
                && CORPORATE.iter().any(|net| net.contains(&address.addr()))
        })
        .and_then(|(interface, address)| {
            Some(SegmentedNetwork {
                interface: interface.name.clone(),
                address,
                likely_reach: Ipv4Net::new(address.addr(), SEGMENT_PREFIX).ok()?.trunc(),
                segments: 1 << (SEGMENT_PREFIX - address.prefix_len()),
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interface::fixture;

    fn interface(name: &str, kind: LinkKind, addresses: &[&str]) -> Interface {
        fixture(1, name, kind, addresses)
    }

    fn ethernet(address: &str) -> Interface {
        interface("eth0", LinkKind::Broadcast, &[address])
    }

    #[test]
    fn large_private_networks_are_probably_segmented() {
        for (address, segments) in [
            ("10.1.2.3/16", 256),
            ("10.1.2.3/23", 2),
            ("172.20.1.1/12", 4096),
            ("10.0.0.1/8", 65_536),
        ] {
            let found = segmented_network(&[ethernet(address)]).expect(address);
            assert_eq!(found.segments, segments, "{address}");
            assert!(found.likely_reach.contains(&found.address.addr()));
            assert_eq!(found.likely_reach.prefix_len(), 24);
        }
        for address in ["10.1.2.3/24", "192.168.1.1/16", "169.254.1.1/16", "8.8.8.8/8"] {
            assert_eq!(segmented_network(&[ethernet(address)]), None, "{address}");
        }
    }
}
