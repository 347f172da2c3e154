use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use cooee_core::interface::Interface;
use cooee_core::{
    Datagram, Discovery, DiscoveryConfig, DiscoveryEvent, Ended, Outcome, Server, Target, Transmit,
    Wait, limits,
};

/// A discovery, and what it has promised.
pub(super) struct Model {
    config: DiscoveryConfig,
    discovery: Discovery,
    targets: Vec<Target>,
    start: Instant,
    now: Instant,
    /// Whether every timer was heeded when it was due.
    punctual: bool,
    /// Datagrams handed over while it went on.
    taken: u64,
    found: BTreeSet<SocketAddr>,
    kernel_drops: u64,
    outcome: Option<Outcome>,
    /// Probes sent, as long as there is only one set of targets and no sweep.
    called: Option<u64>,
}

/// Where a server is that names no port, as the stock client takes it.
const DEFAULT_SERVICE_PORT: u16 = 8000;

/// The shortest timeout into which every promised round fits.
const LEAST_TIMEOUT: Duration = Duration::from_millis(1);

/// Addresses that a sweep may call in one go.
const SWEPT_AT_ONCE: usize = 16;

impl Model {
    pub(super) fn new(
        config: DiscoveryConfig,
        discovery: Discovery,
        targets: Vec<Target>,
        start: Instant,
    ) -> Self {
        let called = config.sweep.is_empty().then_some(0);
        Self {
            config,
            discovery,
            targets,
            start,
            now: start,
            punctual: true,
            called,
            taken: 0,
            found: BTreeSet::new(),
            kernel_drops: 0,
            outcome: None,
        }
    }

    fn deadline(&self) -> Instant {
        self.start + self.config.timeout
    }

    pub(super) fn datagram(&mut self, datagram: &Datagram<'_>) {
        let goes_on = self.outcome.is_none() && self.now < self.deadline();
        self.discovery.handle_datagram(self.now, datagram);
        self.taken += u64::from(goes_on);
        assert_eq!(self.drain(), []);
    }

    /// Each of so many servers answers.
    pub(super) fn crowd(&mut self, servers: u8, prefix: &[u8]) {
        for host in 1..=servers {
            let ip = Ipv4Addr::new(10, 0, 0, host);
            self.datagram(&Datagram {
                source: (ip, self.config.port).into(),
                destination: None,
                interface: None,
                payload: &[prefix, ip.to_string().as_bytes()].concat(),
            });
            let server = SocketAddr::from((ip, DEFAULT_SERVICE_PORT));
            let is_over = self.outcome.is_some() || self.now >= self.deadline();
            assert!(is_over || self.found.contains(&server), "{server} answered");
        }
    }

    /// Time goes on; every timer is heeded.
    pub(super) fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(next) = self.discovery.poll_timeout().filter(|&next| next <= until) {
            self.now = self.now.max(next);
            self.timeout();
        }
        self.now = until;
    }

    /// Time goes on; timers are heeded late.
    pub(super) fn sleep(&mut self, time: Duration) {
        self.now += time;
        self.punctual &= self.discovery.poll_timeout().is_none_or(|next| next > self.now);
        self.timeout();
    }

    pub(super) fn timeout(&mut self) {
        self.discovery.handle_timeout(self.now);
        let sent = self.drain();
        assert!(sent.len() <= self.targets.len() + SWEPT_AT_ONCE, "{} probes", sent.len());
        self.called = self.called.map(|called| called + sent.len() as u64);
        for transmit in sent {
            self.check_probe(&transmit);
        }
        match self.discovery.poll_timeout() {
            Some(next) => {
                assert!(next > self.now, "a timer that does not move");
                assert!(next <= self.deadline());
            }
            None => assert!(self.outcome.is_some()),
        }
    }

    pub(super) fn drops(&mut self, total: u64) {
        self.discovery.handle_drops(total);
        self.kernel_drops = self.kernel_drops.max(total);
        if let Some(outcome) = &mut self.outcome {
            outcome.kernel_drops = self.kernel_drops;
        }
        assert_eq!(self.drain(), []);
    }

    pub(super) fn interfaces(&mut self, interfaces: &[Interface], targets: Vec<Target>) {
        self.discovery.handle_interfaces(interfaces, targets.clone());
        if targets != self.targets {
            self.called = None;
        }
        self.targets = targets;
        assert_eq!(self.drain(), []);
    }

    pub(super) fn stop(&mut self) {
        self.discovery.stop(self.now);
        assert_eq!(self.drain(), []);
        assert!(self.outcome.is_some());
    }

    /// Time goes on until it is over.
    pub(super) fn end(&mut self) {
        self.wait(self.config.timeout);
        let outcome = self.outcome.as_ref().expect("over by its deadline");
        assert_eq!(outcome.servers, self.found.len());
        assert_eq!(outcome.kernel_drops, self.kernel_drops);
        assert_eq!(outcome.answers + outcome.refusals.in_all(), self.taken);
        if let Some(called) = self.called {
            let in_all = u64::from(outcome.rounds) * self.targets.len() as u64;
            assert_eq!(called, in_all, "each round calls each target once");
        }
    }

    fn drain(&mut self) -> Vec<Transmit> {
        let sent: Vec<_> = std::iter::from_fn(|| self.discovery.poll_transmit()).collect();
        while let Some(event) = self.discovery.poll_event() {
            let DiscoveryEvent::Found(server) = event else { panic!("an event without a model") };
            self.check_server(&server);
            assert!(self.found.insert(server.address()), "found twice");
        }
        let servers = self.discovery.servers();
        assert!(servers.len() <= limits::RESULTS_MAX);
        assert_eq!(servers.len(), self.found.len());
        let outcome = self.discovery.outcome();
        assert_eq!(outcome.is_none(), self.discovery.poll_timeout().is_some());
        match (&self.outcome, outcome) {
            (None, Some(outcome)) => {
                self.check_outcome(&outcome);
                self.outcome = Some(outcome);
            }
            (before, now) => assert_eq!(*before, now, "it was over"),
        }
        assert!(self.outcome.is_none() || sent.is_empty(), "a call after the end");
        sent
    }

    fn check_probe(&self, transmit: &Transmit) {
        assert_eq!(transmit.payload, self.config.classic.probe());
        assert!(self.now < self.deadline());
        let (SocketAddr::V4(to), port) = (transmit.destination, self.config.port) else {
            panic!("a call by IPv6")
        };
        assert_eq!(to.port(), port);
        let is_target = |target: &Target| {
            target.destination == to
                && target.interface == transmit.interface
                && target.source.map(IpAddr::V4) == transmit.source
        };
        let is_swept = self.config.sweep.iter().any(|net| {
            let hosts_only = net.prefix_len() < 31;
            let is_host = ![net.network(), net.broadcast()].contains(to.ip());
            net.contains(to.ip()) && (is_host || !hosts_only)
        });
        assert!(is_swept || self.targets.iter().any(is_target), "a call to {to}");
    }

    fn check_server(&self, server: &Server) {
        let IpAddr::V4(ip) = server.ip else { panic!("a server by IPv6") };
        assert_ne!(server.port, 0);
        assert!(!ip.is_unspecified() && !ip.is_multicast() && !ip.is_broadcast());
        assert!(server.raw.len() <= limits::ANSWER_MAX);
        assert!(server.raw.starts_with(self.config.classic.prefix()));
        assert!(server.rtt <= self.now - self.start);
        assert!(server.claimed.is_none() || server.ip == server.source.ip());
    }

    fn check_outcome(&self, outcome: &Outcome) {
        let timeout = self.config.timeout;
        assert!(outcome.elapsed == self.now - self.start);
        assert_eq!(outcome.truncated, outcome.refusals.table_full > 0);
        assert!(outcome.servers as u64 <= outcome.answers);
        assert!(self.config.wait != Wait::First || outcome.servers <= 1);
        match outcome.ended {
            Ended::First => assert!(self.config.wait == Wait::First && outcome.servers == 1),
            Ended::Settled => {
                assert!(self.config.wait == Wait::Settled && outcome.servers > 0);
                assert!(outcome.elapsed < timeout && outcome.estimate.is_some());
            }
            Ended::Deadline => {
                assert!(outcome.elapsed >= timeout);
                assert!(!self.punctual || outcome.elapsed == timeout, "it ended late");
                let could_keep = self.punctual && timeout >= LEAST_TIMEOUT;
                let kept = outcome.rounds > self.config.retries;
                assert!(kept || !could_keep, "{} rounds", outcome.rounds);
            }
            Ended::Stopped => {}
            other => panic!("an end without a model: {}", other.as_str()),
        }
        if let Some(estimate) = outcome.estimate {
            assert!(estimate.unseen.is_finite() && estimate.unseen >= 0.0);
            assert!((0.0..=1.0).contains(&estimate.answer_rate));
        }
    }
}
