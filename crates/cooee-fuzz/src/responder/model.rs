use std::collections::{BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, Instant};

use cooee_core::interface::Interface;
use cooee_core::{
    Datagram, ListenerRule, ListeningSocket, NeighbourState, ProbeRefusal, RateLimit,
    ResponderConfig, ResponderEngine, ResponderEvent, SocketId, Transmit, limits,
};

use super::answers::Probe;
use super::host::Host;
use super::listening::Listening;
use super::memory::{Copies, Grants, Neighbours, Told};
use super::refusal::{is_of_the_payload, refusal_since};

/// A responder, and what it has promised.
pub(super) struct Model {
    pub(super) engine: ResponderEngine,
    pub(super) host: Rc<Host>,
    pub(super) now: Instant,
    /// Probes whose answer waits for that of a question.
    pub(super) waiting: Vec<(Probe, Question)>,
    /// Probes whose answer waits for what listens.
    pub(super) unlistened: Vec<Probe>,
    /// Questions that nobody has answered.
    pub(super) asked: VecDeque<Question>,
    pub(super) at_once: Option<(Option<Ipv4Addr>, NeighbourState)>,
    pub(super) listening: Listening,
    /// What the system says of every port that is asked about.
    pub(super) sockets: Option<Vec<ListeningSocket>>,
    /// Offers that were told of as silent, by their positions.
    pub(super) silent: BTreeSet<usize>,
    received: u64,
    sent: u64,
    route_lookups: u64,
    pub(super) grants: Grants,
    pub(super) copies: Copies,
    pub(super) neighbours: Neighbours,
    told: Told,
    /// When a source was last refused for asking too often, if every timer was heeded since.
    last_refusal: Option<Instant>,
}

/// What the responder wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    Route(IpAddr),
    Neighbour(IpAddr, u32),
    Listeners(u16),
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
            host: Rc::new(Host::new(config, interfaces, Vec::new())),
            now: crate::network::start(),
            waiting: Vec::new(),
            unlistened: Vec::new(),
            asked: VecDeque::new(),
            at_once: None,
            listening: Listening::default(),
            sockets: Some(vec![ListeningSocket { address: [0; 4].into(), only_v6: false }]),
            silent: BTreeSet::new(),
            received: 0,
            sent: 0,
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
        let questions = self.questions(|source| {
            refused == Some(ProbeRefusal::SourceRate) && source == datagram.source.ip()
        });
        let sent = self.transmits();
        match (probe, refused) {
            (None, refused) => assert!(refused.is_some_and(is_of_the_payload)),
            (Some(probe), Some(why)) => {
                assert_eq!(sent, [], "answered, and refused");
                self.check_refusal(datagram, &probe, why);
                // What it had no room to wait for may serve the next.
                assert!(questions.is_empty() || why == ProbeRefusal::Busy && self.is_full());
                self.asked.extend(questions);
            }
            (Some(probe), None) => {
                self.pass(datagram);
                self.host.check_asker(datagram);
                assert!(!probe.offers.is_empty(), "an answer for no offer");
                let SocketAddr::V4(source) = datagram.source else { panic!("an answer to IPv6") };
                self.grants.grant(self.now, *source.ip(), self.host.config.rate_limit);
                self.react(probe, &questions, &sent);
            }
        }
        self.check_counters();
        self.answer_at_once();
    }

    /// A probe that was not refused is answered or asked about, and once.
    fn react(&mut self, probe: Probe, questions: &[Question], sent: &[Transmit]) {
        let is_due = |port: &u16| !self.listening.is_known(self.now, *port);
        let due = probe.ports().into_iter().filter(is_due).map(Question::Listeners);
        let due: Vec<_> = due.collect();
        if !due.is_empty() {
            assert_eq!((questions, sent), (&due[..], &[][..]), "it is not known what listens");
            self.unlistened.push(probe);
            self.asked.extend(due);
            return;
        }
        match *questions {
            [] => {
                assert_eq!(probe.answers_among(sent, &self.listening), sent.len(), "{sent:?}");
                assert_ne!(sent, [], "neither answered nor refused");
                self.grant_more(probe.source.ip(), sent.len() - 1);
                self.check_sent(&probe, sent);
            }
            [question] => {
                assert_eq!(sent, [], "answered, and asked about");
                self.ask(probe, question);
            }
            _ => panic!("asked about twice: {questions:?}"),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() + self.unlistened.len() == limits::ROUTES_PENDING
    }

    /// A probe was not refused for its source, its rate, or as a copy.
    fn pass(&mut self, datagram: &Datagram<'_>) {
        let (source, by) = (datagram.source, datagram.interface);
        if self.host.has_several_interfaces() {
            assert!(!self.copies.must_be(self.now, source, by), "a copy is answered");
            self.copies.note(self.now, source, by);
        }
    }

    fn check_refusal(&mut self, datagram: &Datagram<'_>, probe: &Probe, why: ProbeRefusal) {
        use ProbeRefusal as Why;
        let limited = self.host.config.rate_limit != RateLimit::Off;
        let SocketAddr::V4(source) = datagram.source else {
            assert_eq!(why, Why::SourceUnusable, "this responder speaks IPv4 only");
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
                assert!(self.is_full() || self.are_many_routes());
            }
            Why::Unresolved => {
                assert!(self.are_many() || !self.neighbours.buffer_is_empty);
            }
            Why::Unnameable | Why::NoListener => assert!(!probe.is_sure(), "{why:?}"),
            Why::SourceNotAllowed | Why::SourceLoopback => assert!(probe.offers.is_empty()),
            _ => assert!(!self.host.is_from_neighbour(datagram), "{why:?}: a neighbour"),
        }
        if matches!(why, Why::Busy | Why::Unresolved | Why::Unnameable | Why::NoListener) {
            self.neighbours.forget();
            self.grants.note(*source.ip());
            self.pass(datagram);
            self.copies.doubt();
        }
    }

    /// Answers left: to this host, beyond our links, or to a neighbour that is found.
    pub(super) fn check_sent(&mut self, probe: &Probe, sent: &[Transmit]) {
        sent.iter().for_each(|transmit| probe.check_answer(transmit));
        let asker = probe.source.ip();
        if probe.link().is_some() && !self.neighbours.is_resolved(self.now, asker) {
            assert!(self.are_many(), "{asker} was not looked up");
            self.neighbours.wait(self.now, asker);
            self.neighbours.take_more(sent.len());
        }
    }

    /// Each answer to a probe but the first is drawn when it is sent.
    pub(super) fn grant_more(&mut self, asker: IpAddr, answers: usize) {
        let IpAddr::V4(asker) = asker else { panic!("an answer to IPv6") };
        for _ in 0..answers {
            self.grants.grant(self.now, asker, self.host.config.rate_limit);
        }
    }

    pub(super) fn ask(&mut self, probe: Probe, question: Question) {
        match question {
            Question::Route(of) => {
                assert_eq!(of, probe.source.ip());
                assert!(probe.wants_route(), "the answer is known");
                self.route_lookups += 1;
            }
            Question::Neighbour(of, interface) => {
                assert_eq!((of, Some(interface)), (probe.source.ip(), probe.link()));
                assert!(!probe.wants_route(), "the address to name is not known");
                self.neighbours.lookups += 1;
            }
            Question::Listeners(_) => panic!("it is known what listens"),
        }
        self.waiting.push((probe, question));
        self.asked.push_back(question);
    }

    pub(super) fn are_many(&self) -> bool {
        let limited = self.host.config.rate_limit != RateLimit::Off;
        limited && self.neighbours.lookups >= Self::NEIGHBOUR_LOOKUPS
    }

    pub(super) fn are_many_routes(&self) -> bool {
        let limited = self.host.config.rate_limit != RateLimit::Off;
        limited && self.route_lookups >= Self::ROUTE_LOOKUPS
    }

    pub(super) fn send_room(&mut self, used: u32, capacity: u32) {
        self.engine.handle_send_room(SocketId::V4, used, capacity);
        self.neighbours.take_room(used, capacity);
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
    pub(super) fn questions(&mut self, may_be_told_of: impl Fn(IpAddr) -> bool) -> Vec<Question> {
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
                ResponderEvent::ListenersWanted { port } => {
                    questions.push(Question::Listeners(port));
                }
                ResponderEvent::NotListening { offer, is_own } => self.is_silent(offer, is_own),
                other => panic!("an event without a model: {other:?}"),
            }
        }
        questions
    }

    /// An offer was told of as silent.
    fn is_silent(&mut self, position: usize, is_own: bool) {
        let offer = &self.host.offers[position];
        assert_eq!(is_own, position < self.host.config.codecs.len());
        assert_eq!(offer.listener, ListenerRule::OnPort);
        assert_eq!(self.listening.behind(offer), []);
        assert!(self.silent.insert(position), "told twice");
    }

    pub(super) fn transmits(&mut self) -> Vec<Transmit> {
        let sent: Vec<_> = std::iter::from_fn(|| self.engine.poll_transmit()).collect();
        self.sent += sent.len() as u64;
        sent
    }

    /// Nothing is sent or asked for.
    pub(super) fn check_idle(&mut self) {
        assert_eq!(self.engine.poll_event(), None);
        assert_eq!(self.transmits(), []);
        self.check_counters();
    }

    pub(super) fn check_counters(&self) {
        let counters = self.engine.counters();
        assert_eq!((counters.received, counters.answers), (self.received, self.sent));
        assert!(counters.answered <= counters.answers);
        assert!(counters.answers <= counters.answered * limits::ANSWERS_A_PROBE as u64);
        let waiting = self.waiting.len() + self.unlistened.len();
        assert!(waiting <= limits::ROUTES_PENDING);
        let settled = counters.answered + counters.refused_in_all();
        assert_eq!(counters.received, settled + waiting as u64);
    }
}
