use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

use super::port::Port;
use super::prefix::{Prefix, is_link_local};

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
    prefixes: Vec<Prefix>,
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
        let nets = of_family(true).chain(of_family(false)).chain(link_local);
        Self { wire, prefixes: nets.map(Prefix::new).collect(), ports: Vec::new() }
    }

    /// Gives `port` its addresses, with the prefixes of their networks: IPv4, IPv6, link-local.
    pub(super) fn join(&mut self, port: Port) -> Vec<Prefix> {
        let place = u32::try_from(self.ports.len()).expect("a segment has under 2^32 hosts");
        self.ports.push(port);
        let address = |prefix: &Prefix| {
            let address = prefix.nth(place);
            let address =
                address.unwrap_or_else(|| panic!("{} has no room for another host", prefix.net));
            Prefix::new(IpNet::new_assert(address, prefix.net.prefix_len()))
        };
        self.prefixes.iter().map(address).collect()
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        self.prefixes.iter().any(|prefix| prefix.contains(address))
    }

    /// Whether all members hear what one of them sends to `address`.
    pub(super) fn hears(&self, address: IpAddr) -> bool {
        self.prefixes.iter().any(|prefix| prefix.hears(address))
    }

    pub(super) fn ports(&self) -> &[Port] {
        &self.ports
    }

    pub(super) fn owner(&self, address: IpAddr) -> Option<Port> {
        let place = self.prefixes.iter().find_map(|prefix| prefix.place(address))?;
        self.ports.get(place).copied()
    }
}
