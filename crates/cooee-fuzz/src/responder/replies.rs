//! How the model replies to what the responder asks, and what comes of the probes that waited.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use cooee_core::interface::Interface;
use cooee_core::{ListeningSocket, NeighbourState, Offer, Transmit};

use super::answers::Probe;
use super::host::Host;
use super::memory::Copies;
use super::model::{Model, Question};

/// What came of probes that waited.
struct Came {
    answered: usize,
    refused: usize,
    questions: Vec<Question>,
    sent: Vec<Transmit>,
}

impl Model {
    pub(super) fn at_once(&mut self, answers: Option<(Option<Ipv4Addr>, NeighbourState)>) {
        self.at_once = answers;
    }

    pub(super) fn listening_is(&mut self, sockets: Option<Vec<ListeningSocket>>) {
        self.sockets = sockets;
    }

    pub(super) fn answer_at_once(&mut self) {
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
            Some(Question::Listeners(port)) => self.listeners(port, self.sockets.clone()),
            Some(other) => panic!("asked about IPv6: {other:?}"),
            None => {}
        }
    }

    fn take_waiting(&mut self, question: Question) -> Vec<Probe> {
        let is_it = |(_, asked): &mut (Probe, Question)| *asked == question;
        self.waiting.extract_if(.., is_it).map(|(probe, _)| probe).collect()
    }

    fn after(&mut self, reply: impl FnOnce(&mut Self)) -> Came {
        let before = *self.engine.counters();
        reply(self);
        self.copies.doubt();
        let questions = self.questions(|_| false);
        let sent = self.transmits();
        let now = self.engine.counters();
        Came {
            answered: (now.answered - before.answered) as usize,
            refused: (now.refused_in_all() - before.refused_in_all()) as usize,
            questions,
            sent,
        }
    }

    /// What listens on a port is known.
    pub(super) fn listeners(&mut self, port: u16, sockets: Option<Vec<ListeningSocket>>) {
        self.listening.note(self.now, port, sockets.as_deref());
        let came = self.after(|model| {
            model.engine.handle_listeners(model.now, port, sockets.as_deref());
        });
        let (listening, now) = (&self.listening, self.now);
        let is_ready =
            |probe: &mut Probe| probe.ports().into_iter().all(|port| listening.is_known(now, port));
        let mut probes: Vec<_> = self.unlistened.extract_if(.., is_ready).collect();
        probes.iter_mut().for_each(|probe| probe.look_at(&self.host));
        self.check_came(came, probes);
    }

    pub(super) fn route(&mut self, asker: Ipv4Addr, route: Option<Ipv4Addr>) {
        let asker = IpAddr::V4(asker);
        let route = route.map(IpAddr::V4);
        let came = self.after(|model| model.engine.handle_route(model.now, asker, route));
        let route = route.filter(|route| !route.is_unspecified());
        let mut probes = self.take_waiting(Question::Route(asker));
        for probe in &mut probes {
            probe.look_at(&self.host);
            (probe.route, probe.without_route) = (route, route.is_none());
        }
        self.check_came(came, probes);
    }

    /// Each of the probes is answered, refused or asked about; none is refused for nothing.
    fn check_came(&mut self, came: Came, mut probes: Vec<Probe>) {
        let reactions = came.answered + came.refused + came.questions.len();
        assert_eq!(reactions, probes.len(), "each once");
        let is_everybody = |probe: &&Probe| self.host.is_broadcast(probe.source.ip());
        let unsure = probes.iter().filter(|it| is_everybody(it) || !it.is_sure()).count();
        probes.retain(|probe| !is_everybody(&probe));
        for &question in &came.questions {
            let is_asked = |probe: &Probe| match question {
                Question::Route(of) => of == probe.source.ip() && probe.wants_route(),
                Question::Neighbour(of, interface) => {
                    let is_it = of == probe.source.ip() && probe.link() == Some(interface);
                    is_it && !probe.wants_route()
                }
                Question::Listeners(_) => false,
            };
            let position = probes.iter().position(is_asked).expect("a question for a probe");
            let probe = probes.remove(position);
            self.ask(probe, question);
        }
        self.grant_batch(&probes, &came);
        let many = self.are_many() || self.are_many_routes();
        let is_calm = self.neighbours.buffer_is_empty && !many;
        assert!(came.refused <= unsure || !is_calm, "{} refused", came.refused);
        for (probe, sent) in self.each_s_answers(&probes, &came) {
            self.check_sent(&probe, sent);
        }
        if came.refused > 0 {
            self.neighbours.forget();
        }
        self.check_counters();
    }

    /// Each asker drew as many answers as it was sent, but for the first to each probe.
    fn grant_batch(&mut self, probes: &[Probe], came: &Came) {
        let askers: BTreeSet<_> = probes.iter().map(|probe| probe.source.ip()).collect();
        for asker in askers {
            let sent = came.sent.iter().filter(|it| it.destination.ip() == asker).count();
            let probes = probes.iter().filter(|probe| probe.source.ip() == asker).count();
            self.grant_more(asker, sent.saturating_sub(probes.min(came.answered)));
        }
    }

    /// Which answers went to which probes, as far as that can be told: those of two probes may look
    /// like those of one.
    fn each_s_answers<'c>(&self, probes: &[Probe], came: &'c Came) -> Vec<(Probe, &'c [Transmit])> {
        let (mut left, mut answered) = (&came.sent[..], Vec::new());
        for probe in probes {
            let (sent, rest) = left.split_at(probe.answers_among(left, &self.listening));
            if !sent.is_empty() {
                answered.push((probe.clone(), sent));
            }
            left = rest;
        }
        assert_eq!(left, [], "an answer to nobody who asked");
        assert!(answered.len() <= came.answered);
        answered
    }

    pub(super) fn neighbour(&mut self, asker: Ipv4Addr, interface: u32, state: NeighbourState) {
        let asker = IpAddr::V4(asker);
        let came = self.after(|model| {
            model.engine.handle_neighbour(model.now, asker, interface, state);
        });
        assert_eq!(came.questions, []);
        let mut probes = self.take_waiting(Question::Neighbour(asker, interface));
        assert_eq!(came.answered + came.refused, probes.len());
        // What waited while the interfaces changed is chosen anew, or refused.
        let mut has_moved = false;
        for probe in probes.iter_mut().filter(|probe| !Rc::ptr_eq(&probe.host, &self.host)) {
            has_moved = true;
            (probe.route, probe.without_route) = (None, false);
            probe.look_at(&self.host);
        }
        let is_asker = !probes.is_empty() && !self.host.is_broadcast(asker);
        if !has_moved {
            self.check_neighbours(is_asker, &probes, state, came.answered);
        }
        self.grant_batch(&probes, &came);
        for (probe, sent) in self.each_s_answers(&probes, &came) {
            sent.iter().for_each(|transmit| probe.check_answer(transmit));
        }
        match state {
            NeighbourState::Resolved if is_asker => self.neighbours.resolve(self.now, asker),
            NeighbourState::Unresolved if came.answered > 0 => {
                self.neighbours.wait(self.now, asker);
                self.neighbours.take_more(came.sent.len());
            }
            // A place was taken for an answer that was not to be given.
            NeighbourState::Unresolved if is_asker => self.neighbours.forget(),
            _ => {}
        }
        self.check_counters();
    }

    fn check_neighbours(
        &self,
        is_asker: bool,
        probes: &[Probe],
        state: NeighbourState,
        answered: usize,
    ) {
        let count = |is_it: &dyn Fn(&Probe) -> bool| {
            if is_asker { probes.iter().filter(|probe| is_it(probe)).count() } else { 0 }
        };
        let sure = count(&Probe::is_sure);
        let perhaps = count(&|probe| probe.may_be_answered(&self.listening));
        let asker = probes.first().map(|probe| probe.source.ip());
        match state {
            NeighbourState::Resolved | NeighbourState::Unknown => {
                assert!((sure..=perhaps).contains(&answered), "{answered} of {perhaps}");
            }
            NeighbourState::Unresolved => {
                let is_empty = self.neighbours.buffer_is_empty;
                let has_room = self.neighbours.has_room;
                assert!(answered <= if has_room { perhaps } else { perhaps.min(1) });
                let is_waiting = asker.is_some_and(|it| self.neighbours.is_waiting(self.now, it));
                let must = sure > 0 && is_empty && !is_waiting;
                assert!(answered > 0 || !must, "nobody waits for {asker:?}");
            }
        }
    }

    pub(super) fn interfaces(&mut self, interfaces: Vec<Interface>) {
        self.engine.handle_interfaces(&interfaces);
        let (config, offers) = (self.host.config.clone(), self.host.offers.clone());
        self.host = Rc::new(Host { config, interfaces, offers });
        self.copies = Copies::default();
        self.check_idle();
    }

    /// Other processes offer something else. What waits is not answered any more.
    pub(super) fn offers(&mut self, offers: Vec<Offer>) {
        self.engine.handle_offers(offers.clone());
        let (config, interfaces) = (self.host.config.clone(), self.host.interfaces.clone());
        self.host = Rc::new(Host::new(config, interfaces, offers));
        assert!(self.engine.offers().eq(&self.host.offers));
        self.listening.retain(&self.host.offers);
        let own = self.host.config.codecs.len();
        self.silent.retain(|&position| position < own);
        self.waiting.clear();
        self.unlistened.clear();
        self.copies.doubt();
        self.check_idle();
    }
}
