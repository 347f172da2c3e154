//! Which address to answer with, which to answer from, and by which interface.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::own::{Bits, OwnAddresses};
use crate::interface::{Interface, LinkKind, LinkState};

/// The host's own addresses.
#[derive(Debug)]
pub(super) struct AddressBook {
    bound: Option<IpAddr>,
    v4: OwnAddresses<u32>,
    v6: OwnAddresses<u128>,
    loopback_interfaces: Vec<u32>,
    has_several_interfaces: bool,
}

/// What to name, and how to send it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chosen {
    /// The address of ours that the asker can reach, as far as that was to be known.
    pub(super) ours: Option<IpAddr>,
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

/// Calls a function with the addresses of the family of an address, and that address as a number.
macro_rules! in_family {
    ($book:expr, $address:expr, |$own:ident, $bits:ident| $do:expr) => {
        match $address {
            IpAddr::V4(address) => {
                let ($own, $bits) = (&$book.v4, address.to_bits());
                $do
            }
            IpAddr::V6(address) => {
                let ($own, $bits) = (&$book.v6, address.to_bits());
                $do
            }
        }
    };
}

impl AddressBook {
    /// The addresses of `interfaces`, for a socket that is bound to `bound`.
    pub(super) fn new(bound: Option<IpAddr>, interfaces: &[Interface]) -> Self {
        let up = || interfaces.iter().filter(|i| i.state == LinkState::Up);
        let nets = || up().flat_map(|i| i.addresses.iter().map(move |&net| (i.index, net)));
        let (v4, v6) = (OwnAddresses::new(nets()), OwnAddresses::new(nets()));
        let loopback = up().filter(|i| i.kind == LinkKind::Loopback).map(|i| i.index);
        let outside = up().filter(|i| i.kind != LinkKind::Loopback && !i.addresses.is_empty());
        let mut book = Self {
            bound: None,
            v4,
            v6,
            loopback_interfaces: loopback.collect(),
            has_several_interfaces: outside.count() > 1,
        };
        book.bound = bound.filter(|&ip| book.is_host(ip));
        book
    }

    /// Whether `address` can be one host's.
    pub(super) fn is_host(&self, address: IpAddr) -> bool {
        !address.is_unspecified()
            && address != IpAddr::V4(Ipv4Addr::BROADCAST)
            && !self.is_broadcast(address)
    }

    pub(super) fn is_loopback_interface(&self, index: u32) -> bool {
        self.loopback_interfaces.contains(&index)
    }

    pub(super) fn is_broadcast(&self, address: IpAddr) -> bool {
        in_family!(self, address, |own, bits| own.is_broadcast(bits))
    }

    pub(super) fn is_broadcast_v4(&self, address: Ipv4Addr) -> bool {
        self.v4.is_broadcast(address.to_bits())
    }

    /// Whether probes may arrive on several interfaces that are not loopback.
    pub(super) fn has_several_interfaces(&self) -> bool {
        self.has_several_interfaces
    }

    /// Whether `address` is this host's.
    pub(super) fn is_own(&self, address: IpAddr) -> bool {
        address.is_loopback() || in_family!(self, address, |own, bits| own.find(bits).is_some())
    }

    /// Whether `asker` is this host, or a neighbour on the interface that its probe arrived on.
    pub(super) fn is_on_link(&self, asker: IpAddr, arrived_on: Option<u32>) -> bool {
        in_family!(self, asker, |own, bits| own.is_on_link(bits, arrived_on))
    }

    /// The interface on whose link `asker` is, if an answer that leaves by `leave_by` meets it
    /// there.
    pub(super) fn link_of(&self, asker: IpAddr, leave_by: Option<u32>) -> Option<u32> {
        leave_by.or_else(|| {
            in_family!(self, asker, |own, bits| {
                own.on_the_link_of(bits, None, None).map(|own| own.interface)
            })
        })
    }

    /// Chooses the address that the asker can reach: ours on its own network, preferring the one it
    /// called; else the one it called, which it evidently reaches; else the route decides, unless
    /// no offer `names_ours`.
    pub(super) fn choose(&self, way: Way, names_ours: bool) -> Choice {
        in_family!(self, way.asker, |own, asker| self.choose_among(own, asker, way, names_ours))
    }

    fn choose_among<B: Bits>(
        &self,
        own: &OwnAddresses<B>,
        asker: B,
        way: Way,
        names_ours: bool,
    ) -> Choice {
        let called = way.called.and_then(B::of);
        let called_own = called.and_then(|called| own.find_on(called, way.arrived_on));
        let found = own.on_the_link_of(asker, called_own, way.arrived_on);
        let Some(chosen) = found.or(called_own.copied()) else {
            if names_ours {
                return Choice::AskRoute;
            }
            return Choice::Answer(self.without_ours(way));
        };
        let here = way.arrived_on == Some(chosen.interface);
        let neighbour = here && OwnAddresses::has_on_link(&chosen, asker);
        let local = || way.asker.is_loopback() || own.find(asker).is_some();
        let address = chosen.address.address();
        let from = self.bound.or_else(|| self.answer_from(own, called)).or(Some(address));
        Choice::Answer(Chosen {
            ours: Some(address),
            from,
            leave_by: (neighbour && !local()).then_some(chosen.interface),
        })
    }

    /// How to send an answer that names none of our addresses but a fixed one.
    pub(super) fn without_ours(&self, way: Way) -> Chosen {
        let from = way.called.and_then(|called| {
            in_family!(self, called, |own, bits| self.answer_from(own, Some(bits)))
        });
        Chosen { ours: None, from: self.bound.or(from), leave_by: None }
    }

    /// The address to name when only those that `accepts` says can be connected to: `chosen`, else
    /// another of ours on the asker's own network, else the one that it called, else any but
    /// loopback if it is this host that asks.
    pub(super) fn connectable(
        &self,
        way: Way,
        chosen: Option<IpAddr>,
        accepts: impl Fn(IpAddr) -> bool,
    ) -> Option<IpAddr> {
        if let Some(chosen) = chosen.filter(|&ours| accepts(ours)) {
            return Some(chosen);
        }
        let near = in_family!(self, way.asker, |own, asker| {
            let near = own.iter().filter(|own| OwnAddresses::has_on_link(own, asker));
            near.map(|own| own.address.address()).find(|&ours| accepts(ours))
        });
        near.or_else(|| way.called.filter(|&called| self.is_own(called) && accepts(called)))
            .or_else(|| {
                in_family!(self, way.asker, |own, _bits| {
                    let ours = own.iter().map(|own| own.address.address());
                    let mut outside = ours.filter(|ours| !ours.is_loopback());
                    outside.find(|&ours| self.is_own(way.asker) && accepts(ours))
                })
            })
    }

    /// The IPv4 addresses of the interface that has `ours`: that of `arrived_on`, if several have it.
    pub(super) fn beside(
        &self,
        ours: Ipv6Addr,
        arrived_on: Option<u32>,
    ) -> impl Iterator<Item = Ipv4Addr> + '_ {
        let interface = self.v6.find_on(ours.to_bits(), arrived_on).map(|own| own.interface);
        let beside = self.v4.iter().filter(move |own| Some(own.interface) == interface);
        beside.map(|own| Ipv4Addr::from_bits(own.address))
    }

    /// Whether two interfaces are on one link, as far as their IPv4 networks tell.
    pub(super) fn are_one_link(&self, one: u32, other: u32) -> bool {
        let on = |index| self.v4.iter().filter(move |own| own.interface == index);
        on(one).any(|own| on(other).any(|near| OwnAddresses::has_on_link(own, near.address)))
    }

    /// What to answer when the routing table has said from where: `route`, or that there is none.
    ///
    /// Without a route, the sender of a broadcast that arrived on one of our links is on that link,
    /// with an address of another network.
    pub(super) fn choose_by_route(&self, way: Way, route: Option<IpAddr>) -> Option<Chosen> {
        if let Some(address) = route.filter(|address| !address.is_unspecified()) {
            return Some(Chosen { ours: Some(address), from: Some(address), leave_by: None });
        }
        let interface = way.arrived_on.filter(|&index| !self.is_loopback_interface(index))?;
        let everybody = way.called?;
        let address = in_family!(self, everybody, |own, bits| {
            let first = own.first_of(interface).filter(|_| own.is_everybody(bits));
            first.map(|own| own.address.address())
        })?;
        Some(Chosen { ours: Some(address), from: Some(address), leave_by: Some(interface) })
    }

    /// The called address, if a datagram may leave from it. All of 127/8 is ours.
    fn answer_from<B: Bits>(&self, own: &OwnAddresses<B>, called: Option<B>) -> Option<IpAddr> {
        let called = called?;
        let address = called.address();
        let ours =
            own.find(called).is_some() || (address.is_loopback() && !own.is_broadcast(called));
        ours.then_some(address)
    }
}
