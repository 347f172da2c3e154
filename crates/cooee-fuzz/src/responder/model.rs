use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, Instant};

use cooee_core::interface::Interface;
use cooee_core::{
    Datagram, NeighbourState, ProbeRefusal, RateLimit, ResponderConfig, ResponderEngine,
    ResponderEvent, Transmit, limits,
};

use super::answers::Probe;
use super::host::Host;
use super::memory::{Copies, Grants, Neighbours, Told};
use super::refusal::{is_of_the_payload, refusal_since};

/// A responder, and what it has promised.
pub(super) struct Model {
    engine: ResponderEngine,
    host: Rc<Host>,
    now: Instant,
    /// Probes whose answer waits for that of a question.
    waiting: Vec<(Probe, Question)>,
    /// Questions that nobody has answered.
    asked: VecDeque<Question>,
    at_once: Option<(Option<Ipv4Addr>, NeighbourState)>,
    received: u64,
    answered: u64,
    route_lookups: u64,
    grants: Grants,
    copies: Copies,
    neighbours: Neighbours,
    told: Told,
    /// When a source was last refused for asking too often, if every timer was heeded since.
    last_refusal: Option<Instant>,
}

/// What the responder wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Route(IpAddr),
    Neighbour(IpAddr, u32),
}

impl Model {
    /// Look-ups that are never too many at once.
    const NEIGHBOUR_LOOKUPS: u64 = limits::NEIGHBOURS_PER_SECOND as u64 / 10;
    const ROUTE_LOOKUPS: u64 = limits::ROUTES_PER_SECOND as u64 / 10;

    pub(super) fn new(
        config: ResponderConfig,
        engine: ResponderEngine,
        interfaces: Vec<Interface>,
    ) -> Self {
        assert_eq!(limits::BURST_IN_ALL, Duration::from_millis(100));
        Self {
            engine,
            host: Rc::new(Host { config, interfaces }),
            now: crate::network::start(),
            waiting: Vec::new(),
            asked: VecDeque::new(),
            at_once: None,
            received: 0,
            answered: 0,
            route_lookups: 0,
            grants: Grants::default(),
            copies: Copies::default(),
            neighbours: Neighbours::new(),
            told: Told::default(),
            last_refusal: None,
        }
    }

    pub(super) fn datagram(&mut self, datagram: &Datagram<'_>) {
        self.received += 1;
        let before = *self.engine.counters();
        self.engine.handle_datagram(self.now, datagram);
        let refused = refusal_since(before, self.engine.counters());
        let probe = Probe::new(&self.host, datagram);
        let mut questions = self.questions(|source| {
            refused == Some(ProbeRefusal::SourceRate) && source == datagram.source.ip()
        });
        let mut sent = self.transmits();
        let reactions = sent.len() + questions.len() + usize::from(refused.is_some());
        assert_eq!(reactions, 1, "a datagram is answered, refused or asked about, and once");
        match (probe, refused) {
            (None, refused) => assert!(refused.is_some_and(is_of_the_payload)),
            (Some(_), Some(why)) => self.check_refusal(datagram, why),
            (Some(probe), None) => {
                self.pass(datagram);
                self.host.check_asker(datagram);
                let SocketAddr::V4(source) = datagram.source else { panic!("an answer to IPv6") };
                self.grants.grant(self.now, *source.ip(), self.host.config.rate_limit);
                match (sent.pop(), questions.pop()) {
                    (Some(transmit), _) => self.check_sent(&probe, &transmit),
                    (None, Some(question)) => self.ask(probe, question),
                    (None, None) => unreachable!("one of them is there"),
                }
            }
        }
        self.check_counters();
        self.answer_at_once();
    }

    /// A probe was not refused for its source, its rate, or as a copy.
    fn pass(&mut self, datagram: &Datagram<'_>) {
        let (source, by) = (datagram.source, datagram.interface);
        if self.host.has_several_interfaces() {
            assert!(!self.copies.must_be(self.now, source, by), "a copy is answered");
            self.copies.note(self.now, source, by);
        }
    }

    fn check_refusal(&mut self, datagram: &Datagram<'_>, why: ProbeRefusal) {
        use ProbeRefusal as Why;
        let limited = self.host.config.rate_limit != RateLimit::Off;
        let SocketAddr::V4(source) = datagram.source else {
            assert_eq!(why, Why::SourceUnusable, "no protocol speaks IPv6");
            return;
        };
        match why {
            Why::SourceRate => {
                assert!(limited && self.grants.knows(*source.ip()));
                self.last_refusal = Some(self.now);
            }
            Why::TotalRate => assert!(limited),
            Why::Copy => {
                assert!(self.host.has_several_interfaces());
                assert!(self.copies.may_be(self.now, source.into(), datagram.interface));
                self.grants.note(*source.ip());
            }
            Why::Busy => {
                let is_full = self.waiting.len() == limits::ROUTES_PENDING;
                assert!(is_full || limited && self.route_lookups >= Self::ROUTE_LOOKUPS);
            }
            Why::Unresolved => {
                let many = limited && self.neighbours.lookups >= Self::NEIGHBOUR_LOOKUPS;
                assert!(many || !self.neighbours.buffer_is_empty);
            }
            Why::Unnameable => assert!(!self.host.can_be_named()),
            _ => assert!(!self.host.is_from_neighbour(datagram), "{why:?}: a neighbour"),
        }
        if matches!(why, Why::Busy | Why::Unresolved | Why::Unnameable) {
            self.grants.note(*source.ip());
            self.pass(datagram);
            self.copies.doubt();
        }
    }

    /// An answer left at once: to this host, beyond our links, or to a neighbour that is found.
    fn check_sent(&mut self, probe: &Probe, transmit: &Transmit) {
        probe.check_answer(transmit);
        let asker = probe.source.ip();
        let on_link = matches!(asker, IpAddr::V4(ip) if self.host.is_on_link(ip, None));
        let needs_nobody = self.host.is_own(asker) || !on_link && !probe.without_route;
        if !needs_nobody && !self.neighbours.is_resolved(self.now, asker) {
            let limited = self.host.config.rate_limit != RateLimit::Off;
            assert!(limited && self.neighbours.lookups >= Self::NEIGHBOUR_LOOKUPS);
            self.neighbours.wait(self.now, asker);
        }
    }

    fn ask(&mut self, probe: Probe, question: Question) {
        let IpAddr::V4(asker) = probe.source.ip() else { panic!("asked about IPv6") };
        match question {
            Question::Route(of) => {
                assert_eq!(of, probe.source.ip());
                assert_eq!(self.host.fixed(), None, "the answer is known");
                assert!(!self.host.is_on_link(asker, None));
                self.route_lookups += 1;
            }
            Question::Neighbour(of, interface) => {
                assert_eq!(of, probe.source.ip());
                let by_arrival = probe.without_route && probe.arrival_interface == Some(interface);
                assert!(!self.host.is_own(of), "asked about ourselves");
                assert!(by_arrival || self.host.is_on_link(asker, Some(interface)));
                self.neighbours.lookups += 1;
            }
        }
        self.waiting.push((probe, question));
        assert!(self.waiting.len() <= limits::ROUTES_PENDING);
        self.asked.push_back(question);
    }

    pub(super) fn at_once(&mut self, answers: Option<(Option<Ipv4Addr>, NeighbourState)>) {
        self.at_once = answers;
    }

    fn answer_at_once(&mut self) {
        while let Some((route, state)) = self.at_once.filter(|_| !self.asked.is_empty()) {
            self.oldest(route, state);
        }
    }

    pub(super) fn oldest(&mut self, route: Option<Ipv4Addr>, state: NeighbourState) {
        match self.asked.pop_front() {
            Some(Question::Route(IpAddr::V4(asker))) => self.route(asker, route),
            Some(Question::Neighbour(IpAddr::V4(asker), interface)) => {
                self.neighbour(asker, interface, state);
            }
            Some(other) => panic!("asked about IPv6: {other:?}"),
            None => {}
        }
    }

    fn take_waiting(&mut self, question: Question) -> Vec<Probe> {
        let is_it = |(_, asked): &mut (Probe, Question)| *asked == question;
        self.waiting.extract_if(.., is_it).map(|(probe, _)| probe).collect()
    }

    pub(super) fn route(&mut self, asker: Ipv4Addr, route: Option<Ipv4Addr>) {
        let asker = IpAddr::V4(asker);
        self.engine.handle_route(self.now, asker, route.map(IpAddr::V4));
        self.copies.doubt();
        let questions = self.questions(|_| false);
        let sent = self.transmits();
        let route = route.filter(|route| !route.is_unspecified()).map(IpAddr::V4);
        let mut probes = self.take_waiting(Question::Route(asker));
        for probe in &mut probes {
            probe.route = route;
            probe.without_route = route.is_none();
            if route.is_none() {
                probe.arrival_interface = self.arrival_interface_now(probe);
            }
            probe.host = Rc::clone(&self.host);
        }
        let may_answer = |probe: &Probe| route.is_some() || probe.arrival_interface.is_some();
        probes.retain(|probe| may_answer(probe) && !self.host.is_broadcast(asker));
        let reactions = sent.len() + questions.len();
        assert!(reactions <= probes.len());
        assert!(reactions == probes.len() || !self.neighbours.buffer_is_empty || self.are_many());
        for transmit in &sent {
            let probe = take(&mut probes, |probe| probe.source == transmit.destination);
            self.check_sent(&probe, transmit);
        }
        for question in questions {
            let Question::Neighbour(_, interface) = question else { panic!("asked twice") };
            let is_by =
                |probe: &Probe| !probe.without_route || probe.arrival_interface == Some(interface);
            let probe = take(&mut probes, is_by);
            self.ask(probe, question);
        }
        self.check_counters();
    }

    fn are_many(&self) -> bool {
        let limited = self.host.config.rate_limit != RateLimit::Off;
        limited && self.neighbours.lookups >= Self::NEIGHBOUR_LOOKUPS
    }

    /// The interface that a probe arrived by, as the host is now.
    fn arrival_interface_now(&self, probe: &Probe) -> Option<u32> {
        self.host.arrival_interface(&probe.datagram())
    }

    pub(super) fn neighbour(&mut self, asker: Ipv4Addr, interface: u32, state: NeighbourState) {
        let asker = IpAddr::V4(asker);
        self.engine.handle_neighbour(self.now, asker, interface, state);
        self.copies.doubt();
        assert_eq!(self.questions(|_| false), []);
        let sent = self.transmits();
        let mut probes = self.take_waiting(Question::Neighbour(asker, interface));
        // What waited while the interfaces changed is chosen anew, or refused.
        let mut has_moved = false;
        for probe in probes.iter_mut().filter(|probe| !Rc::ptr_eq(&probe.host, &self.host)) {
            has_moved = true;
            (probe.route, probe.without_route) = (None, false);
            probe.arrival_interface = self.arrival_interface_now(probe);
            probe.host = Rc::clone(&self.host);
        }
        let is_asker = !probes.is_empty() && !self.host.is_broadcast(asker);
        let nameable = probes.iter().filter(|probe| probe.can_be_answered()).count();
        let expected = if is_asker { nameable } else { 0 };
        match state {
            _ if has_moved => assert!(sent.len() <= probes.len()),
            NeighbourState::Resolved | NeighbourState::Unknown => {
                assert_eq!(sent.len(), expected);
            }
            NeighbourState::Unresolved => {
                let most = if self.neighbours.has_room { expected } else { 1 };
                assert!(sent.len() <= expected.min(most));
                let may_wait = !self.neighbours.is_waiting(self.now, asker);
                let must = may_wait && self.neighbours.buffer_is_empty;
                assert!(!sent.is_empty() || expected == 0 || !must, "nobody waits for {asker}");
            }
        }
        match state {
            NeighbourState::Resolved if is_asker => self.neighbours.resolve(self.now, asker),
            NeighbourState::Unresolved if !sent.is_empty() => self.neighbours.wait(self.now, asker),
            // A place was taken for an answer that no protocol can write.
            NeighbourState::Unresolved if is_asker && expected == 0 => {
                self.neighbours.forget();
            }
            _ => {}
        }
        for transmit in &sent {
            take(&mut probes, |probe| probe.source == transmit.destination).check_answer(transmit);
        }
        self.check_counters();
    }

    pub(super) fn interfaces(&mut self, interfaces: Vec<Interface>) {
        self.engine.handle_interfaces(&interfaces);
        let config = self.host.config.clone();
        self.host = Rc::new(Host { config, interfaces });
        self.copies = Copies::default();
        self.check_idle();
    }

    pub(super) fn send_room(&mut self, used: u32, capacity: u32) {
        self.engine.handle_send_room(used, capacity);
        let is_below = |part: u64| {
            u64::from(used).saturating_mul(256) < part * u64::from(capacity) || capacity == 0
        };
        self.neighbours.buffer_is_empty = is_below(1);
        self.neighbours.has_room = is_below(96);
        self.check_idle();
    }

    /// Time goes on; every timer is heeded.
    pub(super) fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(next) = self.engine.poll_timeout().filter(|&next| next <= until) {
            self.now = self.now.max(next);
            self.timeout();
        }
        self.now = until;
    }

    /// Time goes on; timers are heeded late.
    pub(super) fn sleep(&mut self, time: Duration) {
        self.now += time;
        if self.engine.poll_timeout().is_some_and(|next| next < self.now) {
            self.last_refusal = Some(self.now);
        }
        self.timeout();
    }

    pub(super) fn timeout(&mut self) {
        self.engine.handle_timeout(self.now);
        assert_eq!(self.questions(|_| true), []);
        self.check_idle();
        let next = self.engine.poll_timeout();
        assert!(next.is_none_or(|next| next > self.now), "a timer that does not move");
        assert!(next.is_none_or(|next| next <= self.now + Told::EVERY));
        let is_idle = |at: Instant| self.now - at >= 2 * Told::EVERY;
        assert!(next.is_none() || !self.last_refusal.is_none_or(is_idle), "a timer for nothing");
    }

    /// What the responder asks, and whom it tells of, of those that may be.
    fn questions(&mut self, may_be_told_of: impl Fn(IpAddr) -> bool) -> Vec<Question> {
        let mut questions = Vec::new();
        while let Some(event) = self.engine.poll_event() {
            match event {
                ResponderEvent::RouteWanted { asker } => questions.push(Question::Route(asker)),
                ResponderEvent::NeighbourWanted { asker, interface } => {
                    questions.push(Question::Neighbour(asker, interface));
                }
                ResponderEvent::Insistent(insistent) => {
                    assert!(may_be_told_of(insistent.source));
                    let refused = self.engine.counters().refused(ProbeRefusal::SourceRate);
                    self.told.tell(self.now, insistent, refused);
                }
                other => panic!("an event without a model: {other:?}"),
            }
        }
        questions
    }

    fn transmits(&mut self) -> Vec<Transmit> {
        let sent: Vec<_> = std::iter::from_fn(|| self.engine.poll_transmit()).collect();
        self.answered += sent.len() as u64;
        sent
    }

    /// Nothing is sent or asked for.
    fn check_idle(&mut self) {
        assert_eq!(self.engine.poll_event(), None);
        assert_eq!(self.transmits(), []);
        self.check_counters();
    }

    fn check_counters(&self) {
        let counters = self.engine.counters();
        assert_eq!(counters.received, self.received);
        assert_eq!(counters.answered, self.answered);
        assert!(self.waiting.len() <= limits::ROUTES_PENDING);
        let settled = counters.answered + counters.refused_in_all();
        assert_eq!(counters.received, settled + self.waiting.len() as u64);
    }
}

fn take(probes: &mut Vec<Probe>, is_it: impl Fn(&Probe) -> bool) -> Probe {
    let at = probes.iter().position(is_it);
    probes.remove(at.expect("an answer to somebody who asked"))
}
