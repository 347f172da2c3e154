//! This host's addresses and networks, as the calling side sees them.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use crate::interface::Interface;
use crate::net::may_be_a_host;

use super::record::Beside;

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

    /// The IPv4 address by which a server that names these over IPv6 is probably heard on the
    /// interface: the first that is on its link, else the first.
    pub(super) fn likeliest(&self, interface: Option<u32>, named: &[Ipv4Addr]) -> Option<Beside> {
        let nets = || self.on.iter().filter(|(index, _)| Some(*index) == interface);
        let on_link = |address: IpAddr| nets().any(|(_, net)| net.contains(&address));
        let named = || {
            let addresses = named.iter().map(|&address| IpAddr::V4(address));
            addresses.map(|address| Beside { address, is_on_link: on_link(address) })
        };
        let likeliest = named().find(|beside| beside.is_on_link).or_else(|| named().next());
        likeliest.filter(|beside| may_be_a_host(beside.address))
    }
}
