//! This host's addresses and networks, as the calling side sees them.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use crate::Target;
use crate::address::may_be_a_host;
use crate::interface::Interface;

use super::record::Beside;

#[derive(Debug)]
pub(super) struct Own {
    /// All of them.
    pub(super) nets: Vec<IpNet>,
    /// The same with the index of the interface.
    on: Vec<(u32, IpNet)>,
    /// Of those, the ones of links that broadcasts are sent on.
    reached: Vec<(u32, IpNet)>,
}

impl Own {
    pub(super) fn new(interfaces: &[Interface]) -> Self {
        let on = interfaces.iter().flat_map(|i| i.addresses.iter().map(move |&net| (i.index, net)));
        let on: Vec<_> = on.collect();
        let nets = on.iter().map(|&(_, net)| net).collect();
        Self { nets, on, reached: Vec::new() }
    }

    /// Takes note of where broadcasts are sent.
    pub(super) fn note_targets(&mut self, targets: &[Target]) {
        let is_used = |(index, net): &&(u32, IpNet)| {
            targets.iter().any(|target| match target.interface() {
                Some(interface) => interface == *index,
                None => net.contains(&target.destination().ip()),
            })
        };
        self.reached = self.on.iter().filter(is_used).copied().collect();
    }

    /// How many of the interfaces that broadcasts are sent by have a network that `address` is on: it
    /// may be probed by each of them. A link-local one is another host's on each.
    pub(super) fn links_to(&self, address: IpAddr) -> u32 {
        if matches!(address, IpAddr::V6(ip) if ip.is_unicast_link_local()) {
            return 1;
        }
        let near = self.reached.iter().filter(|(_, net)| net.contains(&address));
        near.map(|(index, _)| index).collect::<BTreeSet<_>>().len() as u32
    }

    /// Whether broadcasts draw answers from `address`: it is on a link that they are sent on. Those
    /// to the group leave from a link-local address, and are answered from one.
    pub(super) fn is_reached(&self, address: IpAddr) -> bool {
        let answers = !matches!(address, IpAddr::V6(ip) if !ip.is_unicast_link_local());
        answers && self.reached.iter().any(|(_, net)| net.contains(&address))
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
    /// interface: the first that is on its link, else the first that was called, else the first.
    pub(super) fn likeliest(
        &self,
        interface: Option<u32>,
        named: &[Ipv4Addr],
        is_called: impl Fn(IpAddr) -> bool,
    ) -> Option<Beside> {
        let nets = || self.on.iter().filter(|(index, _)| Some(*index) == interface);
        let on_link = |address: IpAddr| nets().any(|(_, net)| net.contains(&address));
        let named = || named.iter().map(|&address| IpAddr::V4(address));
        let awaited = named().find(|it| on_link(*it)).or_else(|| named().find(|it| is_called(*it)));
        let likeliest = match awaited {
            Some(address) => Some(Beside { address, is_awaited: true }),
            None => named().next().map(|address| Beside { address, is_awaited: false }),
        };
        likeliest.filter(|beside| may_be_a_host(beside.address))
    }
}
