//! Which address to answer with, and which to answer from.

use std::net::Ipv4Addr;

use bytes::Bytes;
use ipnet::Ipv4Net;

use crate::interface::{Interface, LinkKind, LinkState, broadcast_address};
use crate::wire::classic::Classic;
use crate::{Advertise, ResponderConfig};

/// The host's own addresses, each with the answer that names it ready to send.
#[derive(Debug)]
pub(super) struct AddressBook {
    classic: Classic,
    service_port: Option<u16>,
    fixed: Option<Bytes>,
    own: Vec<Own>,
    loopback_interfaces: Vec<u32>,
}

/// One of the host's own addresses.
#[derive(Debug)]
struct Own {
    interface: u32,
    net: Ipv4Net,
    broadcast: Option<Ipv4Addr>,
    payload: Bytes,
}

/// What to send, from where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) payload: Bytes,
    /// The address it leaves from: the one that was called, if that is one of ours.
    pub(super) from: Option<Ipv4Addr>,
    /// The interface it leaves by, when the asker is a neighbour on it.
    pub(super) leave_by: Option<u32>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Answer(Chosen),
    /// The asker is on none of our networks and called none of our addresses.
    AskRoute,
}

impl AddressBook {
    pub(super) fn new(config: &ResponderConfig, interfaces: &[Interface]) -> Self {
        let encode = |address| config.classic.encode_answer(address, config.service_port);
        let fixed = match config.advertise {
            Advertise::Auto => None,
            Advertise::Address(address) => Some(encode(address)),
        };
        let up = || interfaces.iter().filter(|i| i.state == LinkState::Up);
        let own = up()
            .flat_map(|i| i.ipv4().map(move |net| (i.index, net)))
            .map(|(interface, net)| Own {
                interface,
                net,
                broadcast: broadcast_address(net),
                payload: fixed.clone().unwrap_or_else(|| encode(net.addr())),
            })
            .collect();
        let loopback_interfaces =
            up().filter(|i| i.kind == LinkKind::Loopback).map(|i| i.index).collect();
        Self {
            classic: config.classic.clone(),
            service_port: config.service_port,
            fixed,
            own,
            loopback_interfaces,
        }
    }

    /// The answer that names `address`, or the configured address instead.
    pub(super) fn payload(&self, address: Ipv4Addr) -> Bytes {
        let kept = self.fixed.as_ref().or(self.own_address(address).map(|own| &own.payload));
        kept.cloned().unwrap_or_else(|| self.classic.encode_answer(address, self.service_port))
    }

    pub(super) fn is_loopback_interface(&self, index: u32) -> bool {
        self.loopback_interfaces.contains(&index)
    }

    pub(super) fn is_broadcast(&self, address: Ipv4Addr) -> bool {
        self.own.iter().any(|own| own.broadcast == Some(address))
    }

    /// Whether `asker` is this host, or a neighbour on the interface that its probe arrived on.
    pub(super) fn is_on_link(&self, asker: Ipv4Addr, arrived_on: Option<u32>) -> bool {
        self.own.iter().any(|own| {
            own.net.addr() == asker
                || (arrived_on.is_none_or(|index| index == own.interface)
                    && own.net.contains(&asker))
        })
    }

    /// Chooses the address that `asker` can reach: ours on its own network, preferring the one it
    /// called; else the one it called, which it evidently reaches; else the route decides.
    pub(super) fn choose(
        &self,
        asker: Ipv4Addr,
        called: Option<Ipv4Addr>,
        arrived_on: Option<u32>,
    ) -> Choice {
        let called_own = called.and_then(|called| self.own_address(called));
        let is_neighbour = |own: &&Own| own.net.contains(&asker);
        let arrived_here = |own: &&Own| arrived_on == Some(own.interface);

        let on_its_network = called_own
            .filter(is_neighbour)
            .or_else(|| self.own.iter().filter(arrived_here).find(is_neighbour))
            .or_else(|| self.own.iter().find(is_neighbour));
        let Some(named) = on_its_network.or(called_own) else { return Choice::AskRoute };

        let local = self.own_address(asker).is_some() || asker.is_loopback();
        let neighbour = arrived_on == Some(named.interface) && named.net.contains(&asker);
        Choice::Answer(Chosen {
            payload: named.payload.clone(),
            from: self.answer_from(called).or(Some(named.net.addr())),
            leave_by: (neighbour && !local).then_some(named.interface),
        })
    }

    /// As [`choose`](Self::choose), for a configured address: only where the answer leaves from
    /// and by is chosen, so a route never needs to be asked for.
    pub(super) fn fixed(
        &self,
        asker: Ipv4Addr,
        called: Option<Ipv4Addr>,
        arrived_on: Option<u32>,
    ) -> Choice {
        match (self.choose(asker, called, arrived_on), &self.fixed) {
            (Choice::AskRoute, Some(payload)) => Choice::Answer(Chosen {
                payload: payload.clone(),
                from: self.answer_from(called),
                leave_by: None,
            }),
            (chosen, _) => chosen,
        }
    }

    fn own_address(&self, address: Ipv4Addr) -> Option<&Own> {
        self.own.iter().find(|own| own.net.addr() == address)
    }

    /// The called address, if a datagram may leave from it. All of 127/8 is ours.
    fn answer_from(&self, called: Option<Ipv4Addr>) -> Option<Ipv4Addr> {
        called.filter(|&address| {
            self.own_address(address).is_some()
                || (address.is_loopback() && !self.is_broadcast(address))
        })
    }
}
