//! The host's own addresses of one family, as numbers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::BitAnd;

use ipnet::IpNet;

use crate::interface::broadcast_address;

/// An address of one family as a number.
pub(super) trait Bits: Copy + Eq + BitAnd<Output = Self> {
    fn of(address: IpAddr) -> Option<Self>;
    fn address(self) -> IpAddr;
    /// The address that everybody on a link has: limited broadcast, or nothing like it.
    fn is_everybody(self) -> bool;
}

impl Bits for u32 {
    fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(address) => Some(address.to_bits()),
            IpAddr::V6(_) => None,
        }
    }

    fn address(self) -> IpAddr {
        Ipv4Addr::from_bits(self).into()
    }

    fn is_everybody(self) -> bool {
        self == Self::MAX
    }
}

impl Bits for u128 {
    fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V6(address) => Some(address.to_bits()),
            IpAddr::V4(_) => None,
        }
    }

    fn address(self) -> IpAddr {
        Ipv6Addr::from_bits(self).into()
    }

    fn is_everybody(self) -> bool {
        false
    }
}

/// One of the host's own addresses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Own<B> {
    pub(super) interface: u32,
    pub(super) address: B,
    network: B,
    mask: B,
    broadcast: Option<B>,
}

impl<B: Bits> Own<B> {
    fn new(interface: u32, net: IpNet) -> Option<Self> {
        let broadcast = match net {
            IpNet::V4(net) => broadcast_address(net).and_then(|ip| B::of(ip.into())),
            IpNet::V6(_) => None,
        };
        let (address, mask) = (B::of(net.addr())?, B::of(net.netmask())?);
        Some(Self { interface, address, network: address & mask, mask, broadcast })
    }

    fn has_on_link(&self, address: B) -> bool {
        address & self.mask == self.network
    }
}

/// All of the host's own addresses of one family.
#[derive(Debug)]
pub(super) struct OwnAddresses<B>(Vec<Own<B>>);

impl<B: Bits> OwnAddresses<B> {
    pub(super) fn new(nets: impl Iterator<Item = (u32, IpNet)>) -> Self {
        Self(nets.filter_map(|(interface, net)| Own::new(interface, net)).collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Own<B>> {
        self.0.iter()
    }

    /// The one with this address: that of the interface, if several have it, as link-local ones may.
    pub(super) fn find_on(&self, address: B, interface: Option<u32>) -> Option<&Own<B>> {
        let first = self.find(address)?;
        if interface.is_none_or(|index| index == first.interface) {
            return Some(first);
        }
        let mut all = self.0.iter().filter(|own| own.address == address);
        all.find(|own| interface == Some(own.interface)).or(Some(first))
    }

    /// The one with this address.
    pub(super) fn find(&self, address: B) -> Option<&Own<B>> {
        self.0.iter().find(|own| own.address == address)
    }

    pub(super) fn is_broadcast(&self, address: B) -> bool {
        self.0.iter().any(|own| own.broadcast == Some(address))
    }

    /// Whether everybody on a link, or in a group, has this address.
    pub(super) fn is_everybody(&self, address: B) -> bool {
        address.is_everybody() || address.address().is_multicast() || self.is_broadcast(address)
    }

    /// The address whose network `neighbour` is on: `preferred` if it is one, else one of the
    /// interface, else any.
    pub(super) fn on_the_link_of(
        &self,
        neighbour: B,
        preferred: Option<&Own<B>>,
        interface: Option<u32>,
    ) -> Option<Own<B>> {
        let preferred = preferred.copied().filter(|own| own.has_on_link(neighbour));
        preferred.or_else(|| {
            let mut found = None;
            for own in self.0.iter().filter(|own| own.has_on_link(neighbour)) {
                if interface == Some(own.interface) {
                    return Some(*own);
                }
                found = found.or(Some(*own));
            }
            found
        })
    }

    /// Whether `neighbour` is this host, or on the link of the interface.
    pub(super) fn is_on_link(&self, neighbour: B, interface: Option<u32>) -> bool {
        self.0.iter().any(|own| {
            own.address == neighbour
                || (interface.is_none_or(|index| index == own.interface)
                    && own.has_on_link(neighbour))
        })
    }

    /// Whether `own` has `neighbour` on its link.
    pub(super) fn has_on_link(own: &Own<B>, neighbour: B) -> bool {
        own.has_on_link(neighbour)
    }

    /// The first address of an interface.
    pub(super) fn first_of(&self, interface: u32) -> Option<&Own<B>> {
        self.0.iter().find(|own| own.interface == interface)
    }
}
