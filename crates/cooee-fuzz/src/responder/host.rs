use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use cooee_core::interface::{Interface, LinkKind, LinkState, broadcast_address};
use cooee_core::{Advertise, AnswerPolicy, Datagram, Offer, ResponderConfig, limits};
use ipnet::{IpNet, Ipv4Net};

/// The host of a responder as it is at some time.
#[derive(Debug, Clone)]
pub(super) struct Host {
    pub(super) config: ResponderConfig,
    pub(super) interfaces: Vec<Interface>,
    /// Distinct ones, its own first.
    pub(super) offers: Vec<Offer>,
}

impl Host {
    pub(super) fn new(
        config: ResponderConfig,
        interfaces: Vec<Interface>,
        others: Vec<Offer>,
    ) -> Self {
        let mut offers: Vec<Offer> = Vec::new();
        for offer in config.offers().chain(others).filter(|offer| offer.check().is_ok()) {
            if offers.len() < limits::OFFERS_MAX && !offers.contains(&offer) {
                offers.push(offer);
            }
        }
        Self { config, interfaces, offers }
    }

    pub(super) fn own(&self) -> impl Iterator<Item = (&Interface, Ipv4Net)> {
        let up = self.interfaces.iter().filter(|interface| interface.state == LinkState::Up);
        up.flat_map(|interface| interface.ipv4().map(move |net| (interface, net)))
    }

    pub(super) fn is_own(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.own().any(|(_, net)| IpAddr::V4(net.addr()) == address)
    }

    pub(super) fn is_broadcast(&self, address: IpAddr) -> bool {
        self.own().any(|(_, net)| broadcast_address(net).map(IpAddr::V4) == Some(address))
    }

    /// The address that an offer names in any case: the advertised one, or the one that is bound.
    pub(super) fn fixed(&self, offer: &Offer) -> Option<IpAddr> {
        match offer.advertise {
            Advertise::Address(address) => Some(address),
            _ => offer.bound.filter(|&bound| self.may_be_bound(bound)),
        }
    }

    pub(super) fn bound(&self) -> Option<IpAddr> {
        self.config.bound.filter(|&bound| self.may_be_bound(bound))
    }

    fn may_be_bound(&self, address: IpAddr) -> bool {
        let is_everybody = address == IpAddr::V4(Ipv4Addr::BROADCAST) || self.is_broadcast(address);
        !address.is_unspecified() && !is_everybody
    }

    /// The offers, by position, that answer a probe, which is one for each of `matching`.
    pub(super) fn admitting(&self, matching: &[usize], datagram: &Datagram<'_>) -> Vec<usize> {
        let SocketAddr::V4(source) = datagram.source else { return Vec::new() };
        let admits = |&position: &usize| {
            let offer = &self.offers[position];
            let is_called = offer.bound == self.config.bound || offer.bound == datagram.destination;
            let is_elsewhere = offer.bound.is_some() && !is_called;
            !is_elsewhere && self.admits(offer, *source.ip(), datagram.interface)
        };
        matching.iter().copied().filter(admits).collect()
    }

    fn admits(&self, offer: &Offer, asker: Ipv4Addr, by: Option<u32>) -> bool {
        if asker.is_loopback() {
            let is_loopback = |index| {
                let mut up = self.interfaces.iter().filter(|it| it.state == LinkState::Up);
                up.any(|it| it.index == index && it.kind == LinkKind::Loopback)
            };
            return by.is_none_or(is_loopback);
        }
        let on_link = || self.is_own(asker.into()) || self.is_on_link(asker, by);
        let private = || asker.is_private() || asker.is_link_local();
        let by_policy = match offer.policy {
            AnswerPolicy::OnLink => on_link(),
            AnswerPolicy::Private => private() || on_link(),
            _ => true,
        };
        let is_allowed = |net: &IpNet| net.contains(&IpAddr::V4(asker));
        by_policy || offer.allow.iter().any(is_allowed)
    }

    /// Whether a probe may arrive by several interfaces.
    pub(super) fn has_several_interfaces(&self) -> bool {
        let up = self.interfaces.iter().filter(|interface| interface.state == LinkState::Up);
        let outside = up.filter(|interface| interface.kind != LinkKind::Loopback);
        outside.filter(|interface| !interface.addresses.is_empty()).count() > 1
    }

    /// Whether an address lies within a network of this interface, or of any.
    pub(super) fn is_on_link(&self, address: Ipv4Addr, interface: Option<u32>) -> bool {
        let is_it = |it: &Interface| interface.is_none_or(|index| it.index == index);
        self.own().any(|(it, net)| is_it(it) && net.contains(&address))
    }

    /// The interface by which somebody without a route is answered: the one by which a call to
    /// everybody arrived.
    pub(super) fn arrival_interface(&self, datagram: &Datagram<'_>) -> Option<u32> {
        let called = datagram.destination?;
        let is_everybody = called == IpAddr::V4(Ipv4Addr::BROADCAST)
            || called.is_multicast()
            || self.is_broadcast(called);
        let is_it = |(it, _): &(&Interface, Ipv4Net)| {
            Some(it.index) == datagram.interface && it.kind != LinkKind::Loopback
        };
        self.own().find(is_it).filter(|_| is_everybody).map(|(it, _)| it.index)
    }

    /// Nobody is answered who must not be.
    pub(super) fn check_asker(&self, datagram: &Datagram<'_>) {
        let SocketAddr::V4(source) = datagram.source else { panic!("an answer to IPv6") };
        let asker = *source.ip();
        assert_ne!(source.port(), 0);
        assert!(!asker.is_multicast() && !asker.is_broadcast());
        assert!(!self.is_broadcast(asker.into()));
        assert!((1..240).contains(&asker.octets()[0]));
    }

    /// Whether a datagram is from a host on the network of the interface that it came by, which
    /// every policy answers.
    pub(super) fn is_from_neighbour(&self, datagram: &Datagram<'_>) -> bool {
        let SocketAddr::V4(source) = datagram.source else { return false };
        let asker = *source.ip();
        let is_host = (1..224).contains(&asker.octets()[0])
            && !asker.is_loopback()
            && !self.is_broadcast(asker.into())
            && source.port() != 0;
        is_host && datagram.interface.is_some() && self.is_on_link(asker, datagram.interface)
    }
}
