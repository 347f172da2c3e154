//! This host's addresses and networks, as the calling side sees them.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use crate::interface::Interface;

#[derive(Debug)]
pub(super) struct Own {
    /// All of them.
    pub(super) nets: Vec<IpNet>,
    /// The same with the index of the interface.
    on: Vec<(u32, IpNet)>,
}

impl Own {
    pub(super) fn new(interfaces: &[Interface]) -> Self {
        let on = interfaces.iter().flat_map(|i| i.addresses.iter().map(move |&net| (i.index, net)));
        let on: Vec<_> = on.collect();
        Self { nets: on.iter().map(|&(_, net)| net).collect(), on }
    }

    /// Whether `address`, heard on the interface, is this host's. A link-local one is another host's
    /// on another link.
    pub(super) fn has(&self, address: IpAddr, interface: Option<u32>) -> bool {
        let is_everywhere = !matches!(address, IpAddr::V6(ip) if ip.is_unicast_link_local());
        let is_here = |index| is_everywhere || interface.is_none_or(|heard_on| heard_on == index);
        address.is_loopback()
            || self.on.iter().any(|&(index, net)| net.addr() == address && is_here(index))
    }

    /// The addresses that are on the link of the interface.
    pub(super) fn on_link_of<'a>(
        &'a self,
        interface: Option<u32>,
        addresses: &'a [Ipv4Addr],
    ) -> impl Iterator<Item = IpAddr> + 'a {
        let nets = move || self.on.iter().filter(move |(index, _)| Some(*index) == interface);
        let addresses = addresses.iter().map(|&address| IpAddr::V4(address));
        addresses.filter(move |address| nets().any(|(_, net)| net.contains(address)))
    }
}
