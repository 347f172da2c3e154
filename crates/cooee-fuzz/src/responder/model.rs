use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::{Duration, Instant};

use cooee_core::interface::{Interface, LinkKind, LinkState, broadcast_address};
use cooee_core::wire::classic::ProbeMatch;
use cooee_core::{
    Advertise, AnswerPolicy, Datagram, ProbeRefusal, RateLimit, Responder, ResponderConfig,
    ResponderEvent, Transmit, limits,
};
use ipnet::Ipv4Net;

/// A responder, and what it has promised.
pub(super) struct Model {
    config: ResponderConfig,
    responder: Responder,
    interfaces: Vec<Interface>,
    /// Probes whose route was asked for.
    waiting: Vec<SocketAddrV4>,
    /// Questions for a route that nobody has answered.
    asked: VecDeque<Ipv4Addr>,
    route_at_once: Option<Option<Ipv4Addr>>,
    received: u64,
    answered: u64,
    /// For each source when it was answered, or a route asked for, and how often then.
    granted: BTreeMap<Ipv4Addr, Vec<(Instant, u64)>>,
}

impl Model {
    /// As many sources as share a set of the rate limiter: none of them is forgotten.
    const REMEMBERED: usize = limits::RATE_WAYS;

    pub(super) fn new(
        config: ResponderConfig,
        responder: Responder,
        interfaces: Vec<Interface>,
    ) -> Self {
        Self {
            config,
            responder,
            interfaces,
            waiting: Vec::new(),
            asked: VecDeque::new(),
            route_at_once: None,
            received: 0,
            answered: 0,
            granted: BTreeMap::new(),
        }
    }

    pub(super) fn datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        let probes = self.config.classic.match_probe(datagram.payload) == ProbeMatch::Exact;
        self.received += 1;
        let refused = self.responder.counters().refused(ProbeRefusal::Busy);
        self.responder.handle_datagram(now, datagram);
        if self.responder.counters().refused(ProbeRefusal::Busy) > refused {
            // It has a place in the rate limiter all the same.
            self.granted.entry(source_v4(datagram)).or_default();
        }
        let mut asked = Vec::new();
        while let Some(ResponderEvent::RouteWanted { asker }) = self.responder.poll_event() {
            asked.push(asker);
        }
        let sent = self.transmits();
        assert!(sent.len() + asked.len() <= usize::from(probes), "more than one answer to a probe");
        for transmit in &sent {
            assert_eq!(transmit.destination, datagram.source);
            self.check_answer(transmit, called(datagram), None);
        }
        if !sent.is_empty() || !asked.is_empty() {
            self.check_asker(datagram);
            self.grant(now, source_v4(datagram));
        } else if probes && self.config.rate_limit == RateLimit::Off {
            assert!(!self.is_from_neighbour(datagram), "a neighbour is not answered");
        }
        for asker in asked {
            let SocketAddr::V4(source) = datagram.source else { panic!("a route for IPv6") };
            assert_eq!(asker, *source.ip());
            assert_eq!(self.config.advertise, Advertise::Auto, "the answer is known");
            self.waiting.push(source);
            self.asked.push_back(asker);
        }
        self.check_counters();
        if let Some(route) = self.route_at_once {
            while !self.asked.is_empty() {
                self.oldest_route(route);
            }
        }
    }

    pub(super) fn interfaces(&mut self, interfaces: Vec<Interface>) {
        self.responder.handle_interfaces(&interfaces);
        self.interfaces = interfaces;
        assert_eq!(self.transmits(), []);
        self.check_counters();
    }

    pub(super) fn routes_at_once(&mut self, route: Option<Ipv4Addr>) {
        self.route_at_once = Some(route);
    }

    pub(super) fn oldest_route(&mut self, route: Option<Ipv4Addr>) {
        if let Some(asker) = self.asked.pop_front() {
            self.route(asker, route);
        }
    }

    pub(super) fn route(&mut self, asker: Ipv4Addr, route: Option<Ipv4Addr>) {
        self.responder.handle_route(asker, route);
        let sent = self.transmits();
        for transmit in &sent {
            let at =
                self.waiting.iter().position(|&to| SocketAddr::from(to) == transmit.destination);
            let asked = self.waiting.swap_remove(at.expect("an answer to somebody who asked"));
            assert_eq!(*asked.ip(), asker);
            assert!(!self.is_broadcast(asker), "an answer to everybody");
            self.check_answer(transmit, None, route);
        }
        self.waiting.retain(|waiting| *waiting.ip() != asker);
        assert_eq!(self.responder.poll_event(), None);
        self.check_counters();
    }

    fn transmits(&mut self) -> Vec<Transmit> {
        let sent: Vec<_> = std::iter::from_fn(|| self.responder.poll_transmit()).collect();
        self.answered += sent.len() as u64;
        sent
    }

    fn check_counters(&self) {
        let counters = self.responder.counters();
        assert_eq!(counters.received, self.received);
        assert_eq!(counters.answered, self.answered);
        assert!(self.waiting.len() <= limits::ROUTES_PENDING);
        let settled = counters.answered + counters.refused_in_all();
        assert_eq!(counters.received, settled + self.waiting.len() as u64);
    }

    /// What is answered names an address that somebody said is ours, and is no probe.
    fn check_answer(&self, transmit: &Transmit, called: Option<Ipv4Addr>, route: Option<Ipv4Addr>) {
        let classic = &self.config.classic;
        let longest = classic.prefix().len() + "255.255.255.255:65535".len();
        assert!(transmit.payload.len() <= longest);
        assert_eq!(classic.match_probe(&transmit.payload), ProbeMatch::Answer);
        let answer = classic.decode_answer(&transmit.payload).expect("an answer");
        assert_eq!(answer.port, self.config.service_port);
        match self.config.advertise {
            Advertise::Address(address) => assert_eq!(answer.ip, address),
            _ => match route {
                Some(route) => assert_eq!(answer.ip, route),
                None => assert!(self.own().any(|(_, net)| net.addr() == answer.ip)),
            },
        }
        let may_leave_from = |from| {
            let ours = Some(from) == called || self.own().any(|(_, net)| net.addr() == from);
            Some(from) == route || ours && !self.is_broadcast(from)
        };
        let from = transmit.source;
        assert!(from.is_none_or(|from| matches!(from, IpAddr::V4(ip) if may_leave_from(ip))));
        let by = |index| self.own().any(|(interface, _)| interface.index == index);
        assert!(transmit.interface.is_none_or(by), "an answer by an interface that is gone");
    }

    /// Nobody is answered who must not be.
    fn check_asker(&self, datagram: &Datagram<'_>) {
        let SocketAddr::V4(source) = datagram.source else { panic!("an answer to IPv6") };
        let asker = *source.ip();
        assert_ne!(source.port(), 0);
        assert!(!asker.is_multicast() && !asker.is_broadcast() && !self.is_broadcast(asker));
        assert!((1..240).contains(&asker.octets()[0]));
        if asker.is_loopback() {
            let is_loopback =
                |index| self.own().any(|(i, _)| i.index == index && i.kind == LinkKind::Loopback);
            assert!(datagram.interface.is_none_or(is_loopback));
            return;
        }
        let on_link = || self.own().any(|(_, net)| net.contains(&asker));
        let private = || asker.is_private() || asker.is_link_local();
        let by_policy = match self.config.policy {
            AnswerPolicy::OnLink => on_link(),
            AnswerPolicy::Private => private() || on_link(),
            _ => true,
        };
        assert!(by_policy || self.config.allow.iter().any(|net| net.contains(&asker)));
    }

    /// Nobody draws more than the burst, and the rate from then on, from whatever moment on.
    fn grant(&mut self, now: Instant, source: Ipv4Addr) {
        /// Whoever kept to the rate for so long kept to it before.
        const LOOKED_BACK: Duration = Duration::from_secs(300);
        let RateLimit::PerSource(rate) = self.config.rate_limit else { return };
        let granted = self.granted.entry(source).or_default();
        match granted.last_mut() {
            Some((last, answers)) if *last == now => *answers += 1,
            _ => granted.push((now, 1)),
        }
        if self.granted.len() > Self::REMEMBERED {
            return;
        }
        let mut answers = 0;
        for &(from, times) in self.granted[&source].iter().rev() {
            answers += times;
            let time = now - from + limits::BURST_PER_SOURCE.max(Duration::from_secs(1));
            let most = time.as_secs_f64() * f64::from(rate.get()) + 1.0;
            assert!(answers as f64 <= most, "{source} drew {answers} answers in {time:?}");
            if now - from > LOOKED_BACK {
                break;
            }
        }
    }

    /// Whether a datagram is from a host on the network of the interface that it came by, which
    /// every policy answers.
    fn is_from_neighbour(&self, datagram: &Datagram<'_>) -> bool {
        let SocketAddr::V4(source) = datagram.source else { return false };
        let asker = *source.ip();
        let is_host = (1..224).contains(&asker.octets()[0])
            && !asker.is_loopback()
            && !self.is_broadcast(asker)
            && source.port() != 0;
        let near = |(interface, net): (&Interface, Ipv4Net)| {
            datagram.interface == Some(interface.index) && net.contains(&asker)
        };
        is_host && self.own().any(near)
    }

    fn own(&self) -> impl Iterator<Item = (&Interface, Ipv4Net)> {
        let up = self.interfaces.iter().filter(|interface| interface.state == LinkState::Up);
        up.flat_map(|interface| interface.ipv4().map(move |net| (interface, net)))
    }

    fn is_broadcast(&self, address: Ipv4Addr) -> bool {
        self.own().any(|(_, net)| broadcast_address(net) == Some(address))
    }
}

fn source_v4(datagram: &Datagram<'_>) -> Ipv4Addr {
    match datagram.source.ip() {
        IpAddr::V4(source) => source,
        IpAddr::V6(source) => panic!("{source} was considered"),
    }
}

fn called(datagram: &Datagram<'_>) -> Option<Ipv4Addr> {
    match datagram.destination {
        Some(IpAddr::V4(called)) => Some(called),
        _ => None,
    }
}
