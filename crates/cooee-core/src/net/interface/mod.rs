//! Interfaces as data: which to use, where a broadcast goes, and whether it goes far enough.

#[cfg(test)]
mod fixture;
mod on_link;
mod role;
mod segments;
mod selection;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

#[cfg(test)]
pub(crate) use fixture::fixture;
pub use on_link::{OnLinkNetwork, on_link_networks};
pub use role::role;
pub use segments::{SegmentedNetwork, segmented_network};
pub use selection::{Selection, Unused};

/// What kind of link an interface is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LinkKind {
    /// A link with neighbours, such as Ethernet or Wi-Fi.
    Broadcast,
    /// The host itself.
    Loopback,
    /// A link with one other end, such as a tunnel. It has no broadcast.
    PointToPoint,
}

impl LinkKind {
    /// Its name in lower case, such as `point-to-point`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Broadcast => "broadcast",
            Self::Loopback => "loopback",
            Self::PointToPoint => "point-to-point",
        }
    }
}

/// Whether an interface can carry datagrams now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LinkState {
    /// Up and running.
    Up,
    /// Down.
    Down,
    /// Up, but without a carrier: the cable is out, or the access point is gone. Told by Linux and
    /// Windows; elsewhere such an interface is `Down`.
    NoCarrier,
}

impl LinkState {
    /// Its name in lower case, such as `no carrier`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::NoCarrier => "no carrier",
        }
    }
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

impl InterfaceRole {
    /// Its name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Container => "container",
            Self::Vpn => "vpn",
        }
    }
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

    /// Its link-local IPv6 address, the first if it has several; none unless it is up, and none of
    /// loopback.
    pub fn link_local(&self) -> Option<Ipv6Addr> {
        if self.state != LinkState::Up || self.kind == LinkKind::Loopback {
            return None;
        }
        self.addresses.iter().find_map(|net| match net.addr() {
            IpAddr::V6(address) => Some(address).filter(Ipv6Addr::is_unicast_link_local),
            IpAddr::V4(_) => None,
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

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(
                broadcast_address(of.parse().expect("a network")),
                is.map(Ipv4Addr::from),
                "{of}"
            );
        }
    }
}
