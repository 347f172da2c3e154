//! Interfaces as data: which to use, where a broadcast goes, and whether it goes far enough.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

/// What kind of link an interface is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// A link with neighbours, such as Ethernet or Wi-Fi.
    Broadcast,
    /// The host itself.
    Loopback,
    /// A link with one other end, such as a tunnel. It has no broadcast.
    PointToPoint,
}

/// Whether an interface can carry datagrams now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// Up and running.
    Up,
    /// Down.
    Down,
    /// Up, but without a carrier: the cable is out, or the access point is gone. Told by Linux;
    /// elsewhere such an interface is `Down`.
    NoCarrier,
}

/// What an interface is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum InterfaceRole {
    /// A network of the host's own, for all that is known.
    #[default]
    Ordinary,
    /// A network inside this host, of containers or virtual machines.
    Container,
    /// A tunnel to another network.
    Vpn,
}

/// What an interface is there for, by its name and by what the system says it is: `kind` is Linux's
/// `IFLA_INFO_KIND`, such as `veth`, and `None` where nothing is said. `has_address` says whether
/// it has an address other than the link-local one that a system gives to every IPv6 interface.
///
/// A container's own end of a veth pair, often `eth0`, has an address and is its ordinary network.
/// The other end, in the host, has none. A bridge may be either, so its name decides.
pub fn role(name: &str, kind: Option<&str>, has_address: bool) -> InterfaceRole {
    const CONTAINER: [&str; 11] = [
        "docker", "virbr", "vnet", "cni", "podman", "lxcbr", "lxdbr", "flannel", "cali", "vmnet",
        "vboxnet",
    ];
    const VPN: [&str; 8] = ["tun", "tap", "wg", "tailscale", "utun", "zt", "ipsec", "nordlynx"];
    let begins_with = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if begins_with(&CONTAINER) || is_docker_bridge(name) {
        return InterfaceRole::Container;
    }
    if name.starts_with("veth") && !has_address {
        return InterfaceRole::Container;
    }
    if matches!(kind, Some("wireguard" | "tun")) || begins_with(&VPN) {
        return InterfaceRole::Vpn;
    }
    InterfaceRole::Ordinary
}

/// Docker names the bridge of a network after the beginning of its identifier. `br-lan` is the
/// ordinary network of many a router.
fn is_docker_bridge(name: &str) -> bool {
    const IDENTIFIER: usize = 12;
    name.strip_prefix("br-").is_some_and(|identifier| {
        identifier.len() == IDENTIFIER && identifier.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// One network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// The system's number for it; never 0.
    pub index: u32,
    /// The system's name for it.
    pub name: String,
    /// Its own addresses, each with the prefix length of its network, in the system's order.
    pub addresses: Vec<IpNet>,
    /// What kind of link it is.
    pub kind: LinkKind,
    /// Whether it is up.
    pub state: LinkState,
    /// What it is there for, as far as its name and kind tell.
    pub role: InterfaceRole,
}

impl Interface {
    /// Its IPv4 addresses, with prefixes.
    pub fn ipv4(&self) -> impl Iterator<Item = Ipv4Net> + '_ {
        self.addresses.iter().filter_map(|net| match net {
            IpNet::V4(net) => Some(*net),
            IpNet::V6(_) => None,
        })
    }

    /// Whether `address` lies within one of its networks.
    pub fn is_on_link(&self, address: IpAddr) -> bool {
        self.addresses.iter().any(|net| net.contains(&address))
    }
}

/// The address that reaches every host of the network, or `None` for a /31 or /32, which has none
/// (RFC 3021).
pub fn broadcast_address(net: Ipv4Net) -> Option<Ipv4Addr> {
    (net.prefix_len() < 31).then(|| net.broadcast())
}

/// Which interfaces to call on, by exact name: those included (all, when the list is empty), less
/// those excluded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// Names to use. Naming a loopback or point-to-point interface uses it too.
    pub include: Vec<String>,
    /// Names not to use, whatever `include` says.
    pub exclude: Vec<String>,
}

/// Why an interface is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unused {
    /// It is down.
    Down,
    /// It is up, but has no carrier.
    NoCarrier,
    /// Others were named.
    NotIncluded,
    /// It was excluded by name.
    Excluded,
    /// It is the loopback interface, and was not named.
    Loopback,
    /// It is a point-to-point link, and was not named.
    PointToPoint,
    /// It has no address at all.
    NoAddress,
    /// It has an IPv6 address but no IPv4 address, and the classic protocol speaks IPv4 only.
    NoIpv4,
    /// Its networks are too small to have a broadcast address.
    NoBroadcast,
}

impl Unused {
    /// The reason in words, to follow "not used:".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::NoCarrier => "no carrier",
            Self::NotIncluded => "not among those named",
            Self::Excluded => "excluded",
            Self::Loopback => "loopback",
            Self::PointToPoint => "point-to-point",
            Self::NoAddress => "no address",
            Self::NoIpv4 => "no IPv4 address",
            Self::NoBroadcast => "no broadcast address",
        }
    }
}

impl Selection {
    /// Whether to call on `interface`.
    ///
    /// # Errors
    /// Why not. Up to now it never helps to try again with the same interface.
    pub fn check(&self, interface: &Interface) -> Result<(), Unused> {
        let named = self.include.contains(&interface.name);
        if !named && !self.include.is_empty() {
            return Err(Unused::NotIncluded);
        }
        if self.exclude.contains(&interface.name) {
            return Err(Unused::Excluded);
        }
        match interface.state {
            LinkState::Up => {}
            LinkState::Down => return Err(Unused::Down),
            LinkState::NoCarrier => return Err(Unused::NoCarrier),
        }
        match interface.kind {
            LinkKind::Loopback if !named => return Err(Unused::Loopback),
            LinkKind::PointToPoint if !named => return Err(Unused::PointToPoint),
            _ => {}
        }
        if interface.addresses.is_empty() {
            return Err(Unused::NoAddress);
        }
        if interface.ipv4().next().is_none() {
            return Err(Unused::NoIpv4);
        }
        let callable = interface.kind == LinkKind::Loopback
            || interface.ipv4().any(|net| net.prefix_len() < 32);
        if callable { Ok(()) } else { Err(Unused::NoBroadcast) }
    }
}

/// A network that is probably cut into segments which a broadcast does not cross.
///
/// Source: the warning of `django-udp-discovery-client` 1.0.0.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// The first interface whose network is larger than a /24 in 10/8 or 172.16/12: large private
/// networks are usually segmented, and their segments do not forward broadcasts.
pub fn segmented_network(interfaces: &[Interface]) -> Option<SegmentedNetwork> {
    const CORPORATE: [Ipv4Net; 2] = [
        Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
        Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
    ];
    const SEGMENT_PREFIX: u8 = 24;
    interfaces
        .iter()
        .filter(|i| i.state == LinkState::Up && i.kind != LinkKind::Loopback)
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

    fn net(text: &str) -> Ipv4Net {
        text.parse().expect("a network")
    }

    fn interface(name: &str, kind: LinkKind, addresses: &[&str]) -> Interface {
        Interface {
            index: 1,
            name: name.into(),
            addresses: addresses.iter().map(|a| a.parse().expect("a network")).collect(),
            kind,
            state: LinkState::Up,
            role: InterfaceRole::default(),
        }
    }

    fn ethernet(address: &str) -> Interface {
        interface("eth0", LinkKind::Broadcast, &[address])
    }

    #[test]
    fn broadcast_addresses() {
        for (of, is) in [
            ("192.168.1.7/24", Some([192, 168, 1, 255])),
            ("10.1.2.3/8", Some([10, 255, 255, 255])),
            ("10.1.2.3/22", Some([10, 1, 3, 255])),
            ("10.1.2.3/30", Some([10, 1, 2, 3])),
            ("10.1.2.3/31", None),
            ("10.1.2.3/32", None),
            ("10.1.2.3/0", Some([255, 255, 255, 255])),
        ] {
            assert_eq!(broadcast_address(net(of)), is.map(Ipv4Addr::from), "{of}");
        }
    }

    #[test]
    fn include_then_exclude_by_exact_name() {
        let eth0 = ethernet("10.0.0.1/24");
        let select = |include: &[&str], exclude: &[&str]| Selection {
            include: include.iter().map(ToString::to_string).collect(),
            exclude: exclude.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(select(&[], &[]).check(&eth0), Ok(()));
        assert_eq!(select(&["eth0"], &[]).check(&eth0), Ok(()));
        assert_eq!(select(&["eth"], &[]).check(&eth0), Err(Unused::NotIncluded));
        assert_eq!(select(&["ETH0"], &[]).check(&eth0), Err(Unused::NotIncluded));
        assert_eq!(select(&[], &["eth0"]).check(&eth0), Err(Unused::Excluded));
        assert_eq!(select(&["eth0"], &["eth0"]).check(&eth0), Err(Unused::Excluded));
    }

    #[test]
    fn what_cannot_be_called_on() {
        let all = Selection::default();
        let named = |name: &str| Selection { include: vec![name.into()], exclude: vec![] };
        let lo = interface("lo", LinkKind::Loopback, &["127.0.0.1/8"]);
        assert_eq!(all.check(&lo), Err(Unused::Loopback));
        assert_eq!(named("lo").check(&lo), Ok(()));
        let tun = interface("tun0", LinkKind::PointToPoint, &["10.8.0.2/24"]);
        assert_eq!(all.check(&tun), Err(Unused::PointToPoint));
        assert_eq!(named("tun0").check(&tun), Ok(()));
        let tun = interface("tun0", LinkKind::PointToPoint, &["10.8.0.2/32"]);
        assert_eq!(named("tun0").check(&tun), Err(Unused::NoBroadcast));
        let v6 = interface("eth0", LinkKind::Broadcast, &["fe80::1/64"]);
        assert_eq!(all.check(&v6), Err(Unused::NoIpv4));
        let bare = interface("eth0", LinkKind::Broadcast, &[]);
        assert_eq!(all.check(&bare), Err(Unused::NoAddress));
        let unplugged = Interface { state: LinkState::NoCarrier, ..bare };
        assert_eq!(all.check(&unplugged), Err(Unused::NoCarrier));
        let down = Interface { state: LinkState::Down, ..ethernet("10.0.0.1/24") };
        assert_eq!(all.check(&down), Err(Unused::Down));
    }

    #[test]
    fn roles_by_name_and_kind() {
        use InterfaceRole::{Container, Ordinary, Vpn};
        for (name, kind, has_address, is) in [
            ("eth0", None, true, Ordinary),
            ("eth0", Some("veth"), true, Ordinary),
            ("wlan0", None, false, Ordinary),
            ("en0", None, true, Ordinary),
            ("docker0", Some("bridge"), true, Container),
            ("br-0123456789ab", Some("bridge"), true, Container),
            ("br-lan", Some("bridge"), true, Ordinary),
            ("br0", Some("bridge"), true, Ordinary),
            ("virbr0", Some("bridge"), true, Container),
            ("cni0", Some("bridge"), true, Container),
            ("vnet3", Some("tun"), false, Container),
            ("veth1a2b3c", Some("veth"), false, Container),
            ("veth1a2b3c", Some("veth"), true, Ordinary),
            ("office", Some("wireguard"), true, Vpn),
            ("office", Some("tun"), true, Vpn),
            ("wg0", Some("wireguard"), true, Vpn),
            ("tun0", None, true, Vpn),
            ("tap0", Some("tun"), true, Vpn),
            ("tailscale0", Some("tun"), true, Vpn),
            ("utun4", None, true, Vpn),
            ("ztabcdef12", None, true, Vpn),
        ] {
            assert_eq!(role(name, kind, has_address), is, "{name} of kind {kind:?}");
        }
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
