use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

use super::event::Port;

/// A broadcast domain of a [`Network`](super::Network), or those of its hosts that have addresses of
/// the same networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Segment(pub(super) usize);

/// A segment's networks and who is attached. The `n`th member has the `n`th host address of each.
#[derive(Debug)]
pub(super) struct Members {
    /// The segment that was first on the same wire: what one of them sends to all, all hear.
    pub(super) wire: usize,
    /// The link-local addresses of each segment begin elsewhere, since segments may share a wire.
    nets: Vec<IpNet>,
    ports: Vec<Port>,
}

impl Members {
    /// An empty segment of this index. Who gets an IPv6 address gets a link-local one too.
    pub(super) fn new(index: usize, wire: usize, nets: &[IpNet]) -> Self {
        let of_family = |is_ipv4| {
            let nets = nets.iter().map(IpNet::trunc);
            nets.filter(move |net| net.addr().is_ipv4() == is_ipv4 && !is_link_local(net.addr()))
        };
        let has_ipv6 = nets.iter().any(|net| net.addr().is_ipv6());
        let link_local = has_ipv6.then(|| {
            let base = (0xfe80 << 112) | (index as u128) << 32;
            IpNet::new_assert(Ipv6Addr::from_bits(base).into(), 64)
        });
        let nets = of_family(true).chain(of_family(false)).chain(link_local).collect();
        Self { wire, nets, ports: Vec::new() }
    }

    /// Gives `port` its addresses, with the prefixes of their networks: IPv4, IPv6, link-local.
    pub(super) fn join(&mut self, port: Port) -> Vec<IpNet> {
        let place = u32::try_from(self.ports.len()).expect("a segment has under 2^32 hosts");
        self.ports.push(port);
        let address = |net: &IpNet| {
            let address = nth(net, place);
            let address = address.unwrap_or_else(|| panic!("{net} has no room for another host"));
            IpNet::new_assert(address, net.prefix_len())
        };
        self.nets.iter().map(address).collect()
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        self.nets.iter().any(|net| net.contains(&address))
    }

    /// Whether all members hear what one of them sends to `address`.
    pub(super) fn hears(&self, address: IpAddr) -> bool {
        self.nets.iter().any(|net| match (net, address) {
            (IpNet::V4(net), IpAddr::V4(address)) => {
                address.is_broadcast() || address.is_multicast() || broadcast(net) == Some(address)
            }
            (IpNet::V6(_), IpAddr::V6(address)) => address.is_multicast(),
            _ => false,
        })
    }

    pub(super) fn ports(&self) -> &[Port] {
        &self.ports
    }

    pub(super) fn owner(&self, address: IpAddr) -> Option<Port> {
        let place = self.nets.iter().find_map(|net| place(net, address))?;
        self.ports.get(usize::try_from(place).ok()?).copied()
    }
}

/// Whether `address` means something on one link only.
pub(super) fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}

/// The broadcast address. Networks of two hosts or one have none (RFC 3021).
fn broadcast(net: &Ipv4Net) -> Option<Ipv4Addr> {
    (net.prefix_len() < 31).then(|| net.broadcast())
}

/// The address of the host at `place`, counted from 0.
fn nth(net: &IpNet, place: u32) -> Option<IpAddr> {
    match net {
        IpNet::V4(net) => {
            let first = net.network().to_bits() + u32::from(broadcast(net).is_some());
            let address = Ipv4Addr::from_bits(first.checked_add(place)?);
            let is_free = net.contains(&address) && broadcast(net) != Some(address);
            is_free.then_some(address.into())
        }
        IpNet::V6(net) => {
            let address = Ipv6Addr::from_bits(net.addr().to_bits() + 1 + u128::from(place));
            net.contains(&address).then_some(address.into())
        }
    }
}

/// The place of the host whose address this would be.
fn place(net: &IpNet, address: IpAddr) -> Option<u128> {
    if !net.contains(&address) {
        return None;
    }
    match (net, address) {
        (IpNet::V4(net), IpAddr::V4(address)) => {
            let first = net.network().to_bits() + u32::from(broadcast(net).is_some());
            address.to_bits().checked_sub(first).map(u128::from)
        }
        (IpNet::V6(net), IpAddr::V6(address)) => {
            address.to_bits().checked_sub(net.addr().to_bits() + 1)
        }
        _ => None,
    }
}
