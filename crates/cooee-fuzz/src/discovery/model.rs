use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use cooee_core::interface::Interface;
use cooee_core::{
    Datagram, DiscoveryConfig, DiscoveryEngine, DiscoveryEvent, NeighbourRoom, Outcome, SocketId,
    Target, Transmit, Unsent, limits,
};
use ipnet::IpNet;

use super::heard::Heard;
use super::neighbours::Neighbours;
use super::rounds::Rounds;
use super::sweep::Sweep;

/// A discovery, and what it has promised.
pub(super) struct Model {
    pub(super) config: DiscoveryConfig,
    engine: DiscoveryEngine,
    own: Vec<IpNet>,
    pub(super) rounds: Rounds,
    pub(super) sweep: Sweep,
    pub(super) heard: Heard,
    neighbours: Neighbours,
    pub(super) start: Instant,
    pub(super) now: Instant,
    /// The end as it was last told.
    pub(super) deadline: Instant,
    /// Whether every timer was heeded when it was due.
    pub(super) punctual: bool,
    /// When a server was last heard for the first time.
    pub(super) news: Option<Instant>,
    pub(super) kernel_drops: u64,
    /// Whether the kernel dropped something since the last round.
    pub(super) dropped: bool,
    /// Probes that the system has no room for.
    no_room: u8,
    /// What the system says of its neighbours whenever it is asked.
    room: Option<NeighbourRoom>,
    outcome: Option<Outcome>,
}

/// Where a server is that names no port, as the stock client takes it.
const DEFAULT_SERVICE_PORT: u16 = 8000;

/// Addresses that a sweep may call in one go.
const SWEPT_AT_ONCE: usize = 9;

impl Model {
    pub(super) fn new(
        config: DiscoveryConfig,
        engine: DiscoveryEngine,
        interfaces: &[Interface],
        targets: Vec<Target>,
    ) -> Self {
        let start = crate::network::start();
        let deadline = engine.deadline();
        match config.timeout {
            Some(timeout) => assert_eq!(deadline, start + timeout),
            None => {
                assert!(deadline >= start + DiscoveryConfig::TIMEOUT);
                assert!(deadline <= start + limits::TIMEOUT_MAX);
                let is_usual = deadline == start + DiscoveryConfig::TIMEOUT;
                assert!(is_usual || !config.sweep.is_empty());
            }
        }
        Self {
            own: networks(interfaces),
            rounds: Rounds::new(&config, interfaces, targets),
            sweep: Sweep::new(&config, interfaces, start),
            heard: Heard::new(),
            neighbours: Neighbours::default(),
            config,
            engine,
            start,
            now: start,
            deadline,
            punctual: true,
            news: None,
            kernel_drops: 0,
            dropped: false,
            no_room: 0,
            room: None,
            outcome: None,
        }
    }

    pub(super) fn datagram(&mut self, datagram: &Datagram<'_>) {
        let goes_on = self.outcome.is_none();
        self.engine.handle_datagram(self.now, datagram);
        let (mut found, mut rejected) = (Vec::new(), Vec::new());
        while let Some(event) = self.engine.poll_event() {
            match event {
                DiscoveryEvent::Found(server) => found.push(server),
                DiscoveryEvent::Rejected(sender) => rejected.push(sender),
                other => panic!("an event without a model: {other:?}"),
            }
        }
        assert!(found.len() + rejected.len() <= usize::from(goes_on));
        if goes_on {
            self.heard.take(&self.config, &self.own, datagram, found.first());
        }
        if let Some(server) = found.first() {
            self.news = Some(self.now);
            assert!(server.rtt.is_none_or(|rtt| rtt <= self.now - self.start));
            assert!(server.rtt.is_none() || !datagram.waited, "measured from when it was read");
        }
        for sender in &rejected {
            self.heard.reject(&self.config, datagram, sender);
        }
        assert_eq!(self.drain(), []);
        assert_eq!(self.engine.servers().len(), self.heard.servers());
    }

    /// Each of so many servers answers.
    pub(super) fn crowd(&mut self, servers: u8, prefix: &[u8]) {
        for host in 1..=servers {
            let ip = Ipv4Addr::new(10, 0, 0, host);
            let payload = [prefix, ip.to_string().as_bytes()].concat();
            let source = SocketAddr::from((ip, self.config.port));
            self.datagram(&Datagram::new(source, &payload));
            let server = SocketAddr::from((ip, DEFAULT_SERVICE_PORT));
            let is_over = self.outcome.is_some();
            assert!(is_over || self.heard.knows(server), "{server} answered");
        }
    }

    /// Time goes on; every timer is heeded.
    pub(super) fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(next) = self.engine.poll_timeout().filter(|&next| next <= until) {
            self.now = self.now.max(next);
            self.timeout();
        }
        self.now = until;
        self.sweep.check_swept(self.engine.swept());
    }

    /// Time goes on; timers are heeded late.
    pub(super) fn sleep(&mut self, time: Duration) {
        self.now += time;
        self.punctual &= self.engine.poll_timeout().is_none_or(|next| next > self.now);
        self.timeout();
    }

    pub(super) fn timeout(&mut self) {
        if let Some(room) = self.room.filter(|_| self.engine.wants_neighbours(self.now)) {
            self.read_neighbours(room);
        }
        self.read_resolved();
        self.engine.handle_timeout(self.now);
        let sent = self.drain();
        let is_swept = |transmit: &&Transmit| transmit.socket == SocketId::Sweep;
        let (swept, called): (Vec<_>, Vec<_>) = sent.iter().partition(is_swept);
        let (neighbours, called): (Vec<_>, Vec<_>) =
            called.into_iter().partition(|transmit| Neighbours::is_one(transmit));
        self.neighbours.check(&neighbours, &self.own);
        assert!(swept.len() <= SWEPT_AT_ONCE * self.config.codecs.len(), "{} probes", swept.len());
        assert!(sent.is_empty() || self.now < self.deadline);
        self.sweep.check(self.now, &swept);
        let rounds = self.rounds.count();
        self.rounds.check(self.now, &called);
        self.dropped &= self.rounds.count() == rounds;
        self.take_back(&sent);
        match self.engine.poll_timeout() {
            Some(next) => {
                assert!(next > self.now, "a timer that does not move");
                assert!(next <= self.deadline);
            }
            None => assert!(self.outcome.is_some()),
        }
    }

    /// Hands back what the system has no room for.
    fn take_back(&mut self, sent: &[Transmit]) {
        let count = sent.len().min(self.no_room.into());
        if count == 0 {
            return;
        }
        self.no_room -= count as u8;
        for transmit in &sent[sent.len() - count..] {
            self.engine.handle_unsent(self.now, transmit, Unsent::NoRoom);
            if transmit.socket == SocketId::Sweep {
                self.sweep.take_back(transmit);
            }
        }
        self.sweep.check_swept(self.engine.swept());
        assert_eq!(self.drain(), []);
    }

    pub(super) fn no_room(&mut self, probes: u8) {
        self.no_room = probes;
    }

    pub(super) fn neighbours(&mut self, room: NeighbourRoom, again: bool) {
        self.room = again.then_some(room);
        self.read_neighbours(room);
    }

    fn read_neighbours(&mut self, room: NeighbourRoom) {
        let wanted = self.engine.wants_neighbours(self.now);
        assert!(!wanted || self.sweep.is_wanted() && self.outcome.is_none());
        self.engine.handle_neighbours(self.now, room);
        self.sweep.read(self.now, room);
        assert!(!self.engine.wants_neighbours(self.now), "told, and asked again");
        assert_eq!(self.drain(), []);
    }

    fn read_resolved(&mut self) {
        let Some(interfaces) = self.engine.wants_resolved_neighbours(self.now) else { return };
        assert!(!interfaces.is_empty() && self.outcome.is_none());
        let Some(room) = self.room else { return };
        self.engine.handle_resolved_neighbours(&Neighbours::resolved(room, &interfaces));
        assert_eq!(self.engine.wants_resolved_neighbours(self.now), None, "told, and asked again");
        assert_eq!(self.drain(), []);
    }

    pub(super) fn host_refuses(&mut self, nth: usize) {
        let hosts = self.config.hosts.iter();
        let addresses: Vec<_> = hosts.flat_map(|host| host.addresses.iter().copied()).collect();
        if !addresses.is_empty() {
            self.refuses(addresses[nth % addresses.len()]);
        }
    }

    pub(super) fn refuses(&mut self, destination: SocketAddr) {
        self.engine.handle_refusal(self.now, destination);
        self.heard.refuse(destination);
        if let (Some(before), Some(outcome)) = (&mut self.outcome, self.engine.outcome()) {
            // What is heard of a host after the end is still true of it.
            self.heard.check_outcome(&self.config, &outcome);
            before.silent = outcome.silent;
            before.refused = outcome.refused;
            before.estimate = outcome.estimate;
        }
        assert_eq!(self.drain(), []);
    }

    pub(super) fn drops(&mut self, total: u64) {
        self.engine.handle_drops(total);
        self.dropped |= total > self.kernel_drops;
        self.kernel_drops = self.kernel_drops.max(total);
        if let Some(outcome) = &mut self.outcome {
            outcome.kernel_drops = self.kernel_drops;
        }
        assert_eq!(self.drain(), []);
    }

    pub(super) fn interfaces(&mut self, interfaces: &[Interface], targets: Vec<Target>) {
        self.engine.handle_interfaces(interfaces, targets.clone());
        if self.outcome.is_none() {
            self.own = networks(interfaces);
            self.sweep.relocate(interfaces);
            self.rounds.retarget(interfaces, targets);
        }
        assert_eq!(self.drain(), []);
    }

    pub(super) fn stop(&mut self) {
        self.engine.stop(self.now);
        assert_eq!(self.drain(), []);
        assert!(self.outcome.is_some());
    }

    /// Time goes on until it is over.
    pub(super) fn end(&mut self) {
        self.wait(self.deadline.saturating_duration_since(self.now));
        let outcome = self.outcome.as_ref().expect("over by its deadline");
        assert_eq!(outcome.servers, self.heard.servers());
        assert_eq!(outcome.kernel_drops, self.kernel_drops);
        assert_eq!(outcome.answers, self.heard.answers);
        assert_eq!(outcome.refusals.in_all(), self.heard.refusals);
        assert!(!self.engine.wants_neighbours(self.now));
        self.check_servers();
    }

    fn drain(&mut self) -> Vec<Transmit> {
        assert_eq!(self.engine.poll_event(), None);
        let sent: Vec<_> = std::iter::from_fn(|| self.engine.poll_transmit()).collect();
        let deadline = self.engine.deadline();
        assert!(deadline <= self.deadline, "a deadline that grows");
        assert!(deadline == self.deadline || self.config.timeout.is_none());
        self.deadline = deadline;
        let outcome = self.engine.outcome();
        assert_eq!(outcome.is_none(), self.engine.poll_timeout().is_some());
        match (&self.outcome, outcome) {
            (None, Some(outcome)) => {
                self.check_outcome(&outcome);
                assert_eq!(outcome.swept, self.engine.swept());
                self.sweep.check_swept(outcome.swept);
                self.outcome = Some(outcome);
            }
            (before, now) => assert_eq!(*before, now, "it was over"),
        }
        assert!(self.outcome.is_none() || sent.is_empty(), "a call after the end");
        sent
    }

    fn check_servers(&self) {
        let servers = self.engine.servers();
        assert!(servers.len() <= limits::RESULTS_MAX);
        for server in servers {
            assert!(server.rtt.is_none_or(|rtt| rtt <= self.now - self.start));
            let others = &server.other_addresses;
            assert!(others.len() <= limits::OWN_ADDRESSES_MAX);
            assert!(server.this_host || others.is_empty());
            assert!(!others.contains(&server.ip));
        }
    }
}

fn networks(interfaces: &[Interface]) -> Vec<IpNet> {
    interfaces.iter().flat_map(|it| it.addresses.iter().copied()).collect()
}
