//! Which address to answer with, which to answer from, and by which interface.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use crate::interface::{Interface, LinkKind, LinkState, broadcast_address};
use crate::{Advertise, ResponderConfig};

/// The host's own addresses.
#[derive(Debug)]
pub(super) struct AddressBook {
    advertised: Option<IpAddr>,
    bound: Option<IpAddr>,
    own: Vec<Own>,
    loopback_interfaces: Vec<u32>,
}

/// One of the host's own addresses.
#[derive(Debug)]
struct Own {
    interface: u32,
    net: IpNet,
    broadcast: Option<IpAddr>,
}

/// What to name, and how to send it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chosen {
    /// The address that the answer names.
    pub(super) named: IpAddr,
    /// The address it leaves from: the one that was called, if that is one of ours.
    pub(super) from: Option<IpAddr>,
    /// The interface it leaves by, when the asker is a neighbour on it.
    pub(super) leave_by: Option<u32>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Answer(Chosen),
    /// The asker is on none of our networks and called none of our addresses.
    AskRoute,
}

/// How a probe came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) asker: IpAddr,
    /// The address that was called.
    pub(super) called: Option<IpAddr>,
    pub(super) arrived_on: Option<u32>,
}

impl AddressBook {
    pub(super) fn new(config: &ResponderConfig, interfaces: &[Interface]) -> Self {
        let advertised = match config.advertise {
            Advertise::Auto => None,
            Advertise::Address(address) => Some(address),
        };
        let up = || interfaces.iter().filter(|i| i.state == LinkState::Up);
        let own: Vec<Own> = up()
            .flat_map(|i| i.addresses.iter().map(move |&net| (i.index, net)))
            .map(|(interface, net)| Own { interface, net, broadcast: broadcast_of(net) })
            .collect();
        let loopback_interfaces =
            up().filter(|i| i.kind == LinkKind::Loopback).map(|i| i.index).collect();
        let is_broadcast = |address| {
            address == IpAddr::V4(Ipv4Addr::BROADCAST)
                || own.iter().any(|own| own.broadcast == Some(address))
        };
        let bound = config.bound.filter(|&ip| !ip.is_unspecified() && !is_broadcast(ip));
        Self { advertised, bound, own, loopback_interfaces }
    }

    /// Every address that an answer may name.
    pub(super) fn nameable(&self) -> impl Iterator<Item = IpAddr> {
        let fixed = self.advertised.or(self.bound);
        let own = self.own.iter().map(|own| own.net.addr()).filter(move |_| fixed.is_none());
        fixed.into_iter().chain(own)
    }

    pub(super) fn is_loopback_interface(&self, index: u32) -> bool {
        self.loopback_interfaces.contains(&index)
    }

    pub(super) fn is_broadcast(&self, address: IpAddr) -> bool {
        self.own.iter().any(|own| own.broadcast == Some(address))
    }

    /// Whether probes may arrive on several interfaces that are not loopback.
    pub(super) fn has_several_interfaces(&self) -> bool {
        let mut outside =
            self.own.iter().map(|own| own.interface).filter(|&i| !self.is_loopback_interface(i));
        let first = outside.next();
        outside.any(|interface| Some(interface) != first)
    }

    /// Whether `address` is this host's.
    pub(super) fn is_own(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.own_address(address).is_some()
    }

    /// Whether `asker` is this host, or a neighbour on the interface that its probe arrived on.
    pub(super) fn is_on_link(&self, asker: IpAddr, arrived_on: Option<u32>) -> bool {
        self.own.iter().any(|own| {
            own.net.addr() == asker
                || (arrived_on.is_none_or(|index| index == own.interface)
                    && own.net.contains(&asker))
        })
    }

    /// The interface on whose link `asker` is, if an answer that leaves by `leave_by` meets it
    /// there.
    pub(super) fn link_of(&self, asker: IpAddr, leave_by: Option<u32>) -> Option<u32> {
        leave_by.or_else(|| self.own.iter().find(|o| o.net.contains(&asker)).map(|o| o.interface))
    }

    /// Chooses the address that the asker can reach: ours on its own network, preferring the one it
    /// called; else the one it called, which it evidently reaches; else the route decides. A
    /// configured address, or the only one that is bound, is named in any case.
    pub(super) fn choose(&self, way: Way) -> Choice {
        let Way { asker, called, arrived_on } = way;
        let called_own = called.and_then(|called| self.own_address(called));
        let is_neighbour = |own: &&Own| own.net.contains(&asker);
        let arrived_here = |own: &&Own| arrived_on == Some(own.interface);

        let on_its_network = called_own
            .filter(is_neighbour)
            .or_else(|| self.own.iter().filter(arrived_here).find(is_neighbour))
            .or_else(|| self.own.iter().find(is_neighbour));
        let fixed = self.advertised.or(self.bound);
        let Some(own) = on_its_network.or(called_own) else {
            return match fixed {
                Some(named) => {
                    let from = self.bound.or_else(|| self.answer_from(called));
                    Choice::Answer(Chosen { named, from, leave_by: None })
                }
                None => Choice::AskRoute,
            };
        };
        let local = self.own_address(asker).is_some() || asker.is_loopback();
        let neighbour = arrived_on == Some(own.interface) && own.net.contains(&asker);
        Choice::Answer(Chosen {
            named: fixed.unwrap_or(own.net.addr()),
            from: self.bound.or_else(|| self.answer_from(called)).or(Some(own.net.addr())),
            leave_by: (neighbour && !local).then_some(own.interface),
        })
    }

    /// What to answer when the routing table has said from where: `route`, or that there is none.
    ///
    /// Without a route, whoever called everybody on a link of ours is on that link, with an address
    /// of another network.
    pub(super) fn choose_by_route(&self, way: Way, route: Option<IpAddr>) -> Option<Chosen> {
        if let Some(address) = route.filter(|address| !address.is_unspecified()) {
            return Some(Chosen { named: address, from: Some(address), leave_by: None });
        }
        let interface = way.arrived_on.filter(|&index| !self.is_loopback_interface(index))?;
        let called_everybody = way.called.is_some_and(|called| {
            self.is_broadcast(called)
                || called.is_multicast()
                || called == IpAddr::V4(Ipv4Addr::BROADCAST)
        });
        let same_family = |own: &&Own| own.net.addr().is_ipv4() == way.asker.is_ipv4();
        let on_it = |own: &&Own| own.interface == interface;
        let own = self.own.iter().filter(same_family).find(on_it).filter(|_| called_everybody)?;
        let address = own.net.addr();
        Some(Chosen { named: address, from: Some(address), leave_by: Some(interface) })
    }

    fn own_address(&self, address: IpAddr) -> Option<&Own> {
        self.own.iter().find(|own| own.net.addr() == address)
    }

    /// The called address, if a datagram may leave from it. All of 127/8 is ours.
    fn answer_from(&self, called: Option<IpAddr>) -> Option<IpAddr> {
        called.filter(|&address| {
            self.own_address(address).is_some()
                || (address.is_loopback() && !self.is_broadcast(address))
        })
    }
}

fn broadcast_of(net: IpNet) -> Option<IpAddr> {
    match net {
        IpNet::V4(net) => broadcast_address(net).map(IpAddr::V4),
        IpNet::V6(_) => None,
    }
}
