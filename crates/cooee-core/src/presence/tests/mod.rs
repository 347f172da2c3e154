#![expect(clippy::disallowed_methods, reason = "a start for virtual time")]

mod addresses;
mod anew;
mod announced;
mod departures;
mod disputed;
mod hearsay;
mod links;
mod rounds;
mod services;

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::*;
use crate::Datagram;
use crate::interface::{InterfaceRole, LinkKind};

const PORT: u16 = 9999;

fn eth0() -> Interface {
    Interface {
        index: 2,
        name: "eth0".into(),
        addresses: vec!["10.0.0.1/24".parse().expect("a network")],
        kind: LinkKind::Broadcast,
        state: LinkState::Up,
        role: InterfaceRole::default(),
    }
}

/// What was told, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Found(String),
    Changed(String),
    Gone(String, Departure),
}

/// A watch on a link on which servers answer every probe that reaches them, after a millisecond.
struct Rig {
    watch: PresenceEngine,
    start: Instant,
    now: Instant,
    /// The sources of answers and what they are.
    servers: Vec<(SocketAddr, String)>,
    /// Those that hear no broadcasts.
    deaf: BTreeSet<SocketAddr>,
    refusing: BTreeSet<SocketAddr>,
    /// The index of the interface that answers arrive on.
    link: u32,
    sent: Vec<(Duration, SocketAddr)>,
    told: Vec<(Duration, Told)>,
}

fn secs(secs: f64) -> Duration {
    Duration::from_secs_f64(secs)
}

impl Rig {
    fn new(servers: &[&str]) -> Self {
        Self::watching(DiscoveryConfig::default(), servers)
    }

    fn watching(config: DiscoveryConfig, servers: &[&str]) -> Self {
        let start = Instant::now();
        let targets = vec![Target::routed(([10, 0, 0, 255], PORT).into())];
        let watch = PresenceEngine::new(config, targets, &[eth0()], 7, start).expect("it is sound");
        let mut rig = Self {
            watch,
            start,
            now: start,
            servers: Vec::new(),
            deaf: BTreeSet::new(),
            refusing: BTreeSet::new(),
            link: 2,
            sent: Vec::new(),
            told: Vec::new(),
        };
        servers.iter().for_each(|ip| rig.start(ip));
        rig.watch.handle_timeout(start);
        rig.drain();
        rig
    }

    fn start(&mut self, ip: &str) {
        let source = SocketAddr::new(ip.parse().expect("an address"), PORT);
        self.servers.push((source, format!("SERVER_IP:{ip}")));
    }

    fn stop(&mut self, ip: &str) {
        let ip: IpAddr = ip.parse().expect("an address");
        self.servers.retain(|(source, _)| source.ip() != ip);
    }

    fn at(&self) -> Duration {
        self.now - self.start
    }

    fn hear(&mut self, source: SocketAddr, answer: &str) {
        let interface = Some(self.link);
        let datagram = Datagram { interface, ..Datagram::new(source, answer.as_bytes()) };
        self.watch.handle_datagram(self.now, &datagram);
    }

    fn note_events(&mut self) {
        while let Some(event) = self.watch.poll_event() {
            let of = |server: ServerRecord| server.ip.to_string();
            let told = match event {
                PresenceEvent::Found { server, .. } => Told::Found(of(server)),
                PresenceEvent::Changed { server, .. } => Told::Changed(of(server)),
                PresenceEvent::Gone { server, why, .. } => Told::Gone(of(server), why),
            };
            self.told.push((self.at(), told));
        }
    }

    fn drain(&mut self) {
        self.note_events();
        while let Some(transmit) = self.watch.poll_transmit() {
            let to = transmit.destination;
            self.sent.push((self.at(), to));
            if self.refusing.contains(&to) {
                self.watch.handle_refusal(self.now, to);
            }
            let is_broadcast = to.ip() == IpAddr::from([10, 0, 0, 255]);
            let hears = |source: &SocketAddr| {
                *source == to || (is_broadcast && !self.deaf.contains(source))
            };
            let answers = self.servers.iter().filter(|(source, _)| hears(source));
            for (source, answer) in answers.cloned().collect::<Vec<_>>() {
                self.hear(source, &answer);
                self.note_events();
            }
        }
        self.note_events();
    }

    /// Goes on to `until`, counted from the start, and returns what was told meanwhile.
    fn run(&mut self, until: f64) -> Vec<Told> {
        let until = self.start + secs(until);
        while let Some(next) = self.watch.poll_timeout()
            && next <= until
        {
            assert!(next >= self.now, "a timer in the past");
            self.now = next;
            self.watch.handle_timeout(next);
            self.drain();
        }
        self.now = until;
        self.take()
    }

    fn take(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told).into_iter().map(|(_, told)| told).collect()
    }

    /// When probes were sent to `ip`, from `from` on.
    fn calls(&self, ip: &str, from: f64) -> Vec<Duration> {
        let ip: IpAddr = ip.parse().expect("an address");
        let to = self.sent.iter().filter(|(at, to)| to.ip() == ip && *at >= secs(from));
        to.map(|(at, _)| *at).collect()
    }
}

fn found(ip: &str) -> Told {
    Told::Found(ip.to_owned())
}

fn changed(ip: &str) -> Told {
    Told::Changed(ip.to_owned())
}

fn silent(ip: &str) -> Told {
    Told::Gone(ip.to_owned(), Departure::Silent)
}
