use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use cooee_core::interface::{Interface, LinkKind};
use cooee_core::wire::QueryError;
use cooee_core::{Advertise, Datagram, Offer, SocketId, Transmit, limits};
use ipnet::Ipv4Net;

use super::host::Host;
use super::listening::{Listening, is_required};

/// A probe that is answered, or will be when a question is.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    pub(super) source: SocketAddr,
    socket: SocketId,
    /// The offers that answer it, by their positions.
    pub(super) offers: Vec<usize>,
    called: Option<IpAddr>,
    arrived_by: Option<u32>,
    /// The interface to answer by if there is no route.
    pub(super) arrival_interface: Option<u32>,
    /// The host when the answer was decided on.
    pub(super) host: Rc<Host>,
    pub(super) route: Option<IpAddr>,
    pub(super) without_route: bool,
}

impl Probe {
    /// The probe that a datagram is for at least one offer.
    pub(super) fn new(host: &Rc<Host>, datagram: &Datagram<'_>) -> Option<Self> {
        let is_query =
            |(_, offer): &(usize, &Offer)| offer.codec.decode_query(datagram.payload).is_ok();
        let matching = host.offers.iter().enumerate().filter(is_query);
        let matching: Vec<_> = matching.map(|(position, _)| position).collect();
        (!matching.is_empty()).then(|| Self {
            source: datagram.source,
            socket: datagram.socket,
            offers: host.admitting(&matching, datagram),
            called: datagram.destination,
            arrived_by: datagram.interface,
            arrival_interface: host.arrival_interface(datagram),
            host: Rc::clone(host),
            route: None,
            without_route: false,
        })
    }

    /// The host is looked at anew.
    pub(super) fn look_at(&mut self, host: &Rc<Host>) {
        let way = Datagram {
            destination: self.called,
            interface: self.arrived_by,
            ..Datagram::new(self.source, b"")
        };
        self.arrival_interface = host.arrival_interface(&way);
        self.host = Rc::clone(host);
    }

    fn offered(&self) -> impl Iterator<Item = &Offer> {
        self.offers.iter().map(|&position| &self.host.offers[position])
    }

    /// The ports on which something has to listen, each once.
    pub(super) fn ports(&self) -> Vec<u16> {
        let mut ports = Vec::new();
        for offer in self.offered().filter(|offer| is_required(offer)) {
            if !ports.contains(&offer.port()) {
                ports.push(offer.port());
            }
        }
        ports
    }

    /// Our addresses on whose networks the asker is.
    fn near(&self) -> impl Iterator<Item = (&Interface, Ipv4Net)> {
        let asker = self.source.ip();
        let is_near = move |net: Ipv4Net| matches!(asker, IpAddr::V4(ip) if net.contains(&ip));
        self.host.own().filter(move |&(_, net)| is_near(net))
    }

    /// Whether the answer depends on the route to the asker.
    pub(super) fn wants_route(&self) -> bool {
        let is_called = |(_, net): (_, Ipv4Net)| Some(IpAddr::V4(net.addr())) == self.called;
        let is_asked = self.route.is_some() || self.without_route;
        let names_ours = self.offered().any(|offer| self.host.fixed(offer).is_none());
        !is_asked && names_ours && self.near().next().is_none() && !self.host.own().any(is_called)
    }

    /// The interface on whose link an answer needs the asker's link address.
    pub(super) fn link(&self) -> Option<u32> {
        let first = |by: Option<u32>| {
            let mut near = self.near().map(|(it, _)| it.index);
            near.find(|&index| by.is_none_or(|by| by == index))
        };
        if self.host.is_own(self.source.ip()) {
            None
        } else if self.without_route {
            self.arrival_interface.or_else(|| first(None))
        } else if self.route.is_some() {
            first(None)
        } else {
            let is_called = |(_, net): &(_, Ipv4Net)| Some(IpAddr::V4(net.addr())) == self.called;
            let called = self.host.own().find(is_called);
            let called = called.filter(|&(it, net)| {
                self.near().any(|near| (near.0.index, near.1) == (it.index, net))
            });
            let chosen = called.map(|(it, _)| it.index);
            let chosen = chosen.or_else(|| self.arrived_by.and_then(|by| first(Some(by))));
            chosen.filter(|&index| Some(index) == self.arrived_by).or_else(|| first(None))
        }
    }

    /// Whether an offer that needs no listener can be answered for.
    pub(super) fn is_sure(&self) -> bool {
        let is_known = self.arrival_interface.is_some() || !self.without_route;
        let can_name = |offer: &Offer| match self.host.fixed(offer) {
            Some(fixed) => fixed.is_ipv4(),
            None => is_known,
        };
        self.offered().any(|offer| !is_required(offer) && can_name(offer))
    }

    /// Whether any offer can be answered for.
    pub(super) fn may_be_answered(&self, listening: &Listening) -> bool {
        let listens = |offer| is_required(offer) && !listening.behind(offer).is_empty();
        self.is_sure() || self.offered().any(listens)
    }

    /// How many of the first of these are answers to this probe: each to where it came from, by one
    /// way, for an offer, and no two of them the same.
    pub(super) fn answers_among(&self, sent: &[Transmit], listening: &Listening) -> usize {
        let is_answer = |(nth, transmit): &(usize, &Transmit)| {
            let is_new = sent[..*nth].iter().all(|before| before.payload != transmit.payload);
            let way = |transmit: &Transmit| (transmit.source, transmit.interface);
            let is_back = (transmit.destination, transmit.socket) == (self.source, self.socket);
            let mut offered = self.offered();
            is_new
                && is_back
                && way(transmit) == way(&sent[0])
                && self.may_go(transmit)
                && offered.any(|offer| self.says(offer, &transmit.payload, listening))
        };
        let answers = sent.iter().take(limits::ANSWERS_A_PROBE).enumerate();
        answers.take_while(is_answer).count()
    }

    /// Whether the offer says this to the asker.
    fn says(&self, offer: &Offer, payload: &[u8], listening: &Listening) -> bool {
        let Ok(reply) = offer.codec.decode_reply(payload) else { return false };
        let encoded = offer.codec.encode_reply(&reply);
        let is_it = encoded.is_some_and(|encoded| encoded == payload);
        is_it && reply.port == offer.service_port && self.may_name(offer, reply.address, listening)
    }

    fn may_name(&self, offer: &Offer, named: IpAddr, listening: &Listening) -> bool {
        let fixed = self.host.fixed(offer);
        let is_named = fixed.map_or_else(|| self.is_ours(named), |fixed| fixed == named);
        if !is_required(offer) {
            return is_named;
        }
        // Behind a translator of addresses, nobody knows which one it connects to.
        if offer.advertise != Advertise::Auto && !self.host.is_own(named) {
            let is_outside = |address: IpAddr| !address.is_loopback();
            return is_named && listening.behind(offer).iter().any(|it| is_outside(it.address));
        }
        let is_near = || self.near().any(|(_, net)| net.addr() == named);
        let is_called = || self.called == Some(named) && self.host.is_own(named);
        let is_ours = |ip| self.host.own().any(|(_, net)| net.addr() == ip);
        let is_outside = || {
            let is_loopback = matches!(named, IpAddr::V4(ip) if ip.is_loopback());
            self.host.is_own(self.source.ip()) && is_ours(named) && !is_loopback
        };
        let may_name = is_named || fixed.is_none() && (is_near() || is_called() || is_outside());
        may_name && listening.accepts(offer, named)
    }

    /// Whether somebody said that this address is ours, and the asker can reach it.
    fn is_ours(&self, named: IpAddr) -> bool {
        if let Some(route) = self.route {
            named == route
        } else if self.without_route {
            let is_it = |it: &Interface| Some(it.index) == self.arrival_interface;
            self.host.own().any(|(it, net)| is_it(it) && net.addr() == named)
        } else if self.near().next().is_some() {
            self.near().any(|(_, net)| net.addr() == named)
        } else {
            self.called == Some(named)
        }
    }

    /// Whether an answer may leave from and by what it does.
    fn may_go(&self, transmit: &Transmit) -> bool {
        let is_own = |from| self.host.own().any(|(_, net)| net.addr() == from);
        let is_called = |from| Some(from) == self.called && self.host.is_own(from);
        let may_leave_from = |from: IpAddr| {
            let is_known = Some(from) == self.route || self.host.bound() == Some(from);
            is_known || is_own(from) || is_called(from) && !self.host.is_broadcast(from)
        };
        let may_leave_by = match transmit.interface {
            None => !self.without_route || self.arrival_interface.is_none(),
            Some(index) => {
                let mut own = self.host.own();
                own.any(|(it, _)| it.index == index && it.kind != LinkKind::Loopback)
                    && (!self.without_route || Some(index) == self.arrival_interface)
            }
        };
        may_leave_by && transmit.source.is_none_or(may_leave_from)
    }

    /// An answer is a probe to nobody.
    pub(super) fn check_answer(&self, transmit: &Transmit) {
        let replies = self.offered().map(|offer| offer.codec.decode_query(&transmit.payload));
        assert!(replies.into_iter().any(|reply| reply == Err(QueryError::Reply)));
        for other in &self.host.offers {
            assert!(other.codec.decode_query(&transmit.payload).is_err());
        }
    }
}
