//! The calling side of both families: which answers are one server's, and what forged ones can do.
//!
//! An input is operations on a discovery in virtual time, until it is used up; then time goes on
//! until the discovery is over.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::{Duration, Instant};

use arbitrary::{Arbitrary, Unstructured};
use cooee_core::interface::{Interface, InterfaceRole, LinkKind, LinkState, Selection};
use cooee_core::{
    Datagram, DiscoveryConfig, DiscoveryEngine, DiscoveryEvent, ServerRecord, Trust, Wait, limits,
    targets,
};

use crate::network;

/// A host on a link: one of eight on either.
#[derive(Debug, Clone, Copy, Arbitrary)]
struct Host(u8);

impl Host {
    /// The index of the interface that leads to it.
    fn link(self) -> u32 {
        2 + u32::from(self.0 >> 7)
    }

    fn v4(self) -> Ipv4Addr {
        Ipv4Addr::new(10, 0, self.link() as u8, 16 + self.0 % 8)
    }

    fn v6(self) -> Ipv6Addr {
        Ipv6Addr::from(0xfe80 << 112 | u128::from(16 + self.0 % 8))
    }
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Operation {
    /// It answers over IPv4, and names itself or another.
    OverV4 {
        from: Host,
        names: Option<Host>,
    },
    /// It answers over IPv6, and names itself or another, and these IPv4 addresses.
    OverV6 {
        from: Host,
        names: Option<Host>,
        beside: [Option<Host>; 2],
        off_link: bool,
    },
    /// The same answer many times.
    Often {
        from: Host,
        beside: Host,
        times: u8,
    },
    Neighbours([Host; 3]),
    WaitMs(u8),
    SleepMs(u16),
}

/// A server's address on a link.
type Place = (IpAddr, Option<u32>);

struct Model {
    engine: DiscoveryEngine,
    now: Instant,
    told: usize,
    /// Which addresses have answered for themselves.
    heard: BTreeSet<Place>,
    /// How often each address has answered.
    answers: BTreeMap<IpAddr, u32>,
    rows: Vec<ServerRecord>,
}

/// Takes one input.
///
/// # Panics
/// When a server is lost, told of twice, or takes another's place.
pub fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok((wait, seed)) = input.arbitrary::<(u8, u8)>() else { return };
    let mut model = Model::new(wait, seed);
    while !input.is_empty() && model.engine.outcome().is_none() {
        let Ok(operation) = input.arbitrary() else { break };
        model.act(operation);
    }
    model.end();
}

fn interfaces() -> [Interface; 2] {
    [2, 3].map(|index| Interface {
        index,
        name: format!("if{index}"),
        addresses: [format!("10.0.{index}.1/24"), format!("fe80::{index}/64")]
            .map(|text| text.parse().expect("an address"))
            .into(),
        kind: LinkKind::Broadcast,
        state: LinkState::Up,
        role: InterfaceRole::default(),
    })
}

impl Model {
    fn new(wait: u8, seed: u8) -> Self {
        let wait = [Wait::Full, Wait::Settled, Wait::Quick][usize::from(wait) % 3];
        let timeout = Some(Duration::from_secs(5));
        let config = DiscoveryConfig { wait, timeout, ..DiscoveryConfig::default() };
        let (interfaces, now) = (interfaces(), network::start());
        let targets = targets(&interfaces, &Selection::default(), config.families, config.port);
        let engine = DiscoveryEngine::new(config, targets, &interfaces, seed.into(), now);
        let engine = engine.expect("a sound configuration");
        Self {
            engine,
            now,
            told: 0,
            heard: BTreeSet::new(),
            answers: BTreeMap::new(),
            rows: Vec::new(),
        }
    }

    fn act(&mut self, operation: Operation) {
        match operation {
            Operation::OverV4 { from, names } => {
                let named = names.unwrap_or(from).v4();
                let source = SocketAddr::from((from.v4(), 9999));
                self.hear(from, source, named.into(), &format!("SERVER_IP:{named}:80"));
            }
            Operation::OverV6 { from, names, beside, off_link } => {
                let named = names.unwrap_or(from).v6();
                let mut answer = format!("SERVER_IP:[{named}]:80");
                if off_link {
                    answer.push_str(" 192.0.2.7");
                }
                for host in beside.into_iter().flatten() {
                    answer.push_str(&format!(" {}", host.v4()));
                }
                self.hear(from, over_v6(from), named.into(), &answer);
            }
            Operation::Often { from, beside, times } => {
                let answer = format!("SERVER_IP:[{}]:80 {}", from.v6(), beside.v4());
                for _ in 0..times {
                    self.hear(from, over_v6(from), from.v6().into(), &answer);
                }
            }
            Operation::Neighbours(hosts) => {
                let each = hosts.iter().flat_map(|host| {
                    [IpAddr::from(host.v4()), host.v6().into()].map(|ip| (ip, host.link()))
                });
                self.engine.handle_resolved_neighbours(&each.collect::<Vec<_>>());
            }
            Operation::WaitMs(ms) => self.wait(Duration::from_millis(ms.into())),
            Operation::SleepMs(ms) => {
                self.now += Duration::from_millis(ms.into());
                self.engine.handle_timeout(self.now);
            }
        }
        self.drain();
    }

    fn hear(&mut self, from: Host, source: SocketAddr, named: IpAddr, answer: &str) {
        let interface = Some(from.link());
        let payload = answer.as_bytes();
        let is_over = self.engine.outcome().is_some();
        let datagram = Datagram { interface, ..Datagram::new(source, payload) };
        self.engine.handle_datagram(self.now, &datagram);
        if named == source.ip() && !is_over {
            self.heard.insert((named, interface));
        }
        *self.answers.entry(source.ip()).or_default() += 1;
        self.drain();
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(next) = self.engine.poll_timeout().filter(|next| *next <= until) {
            self.now = self.now.max(next);
            self.engine.handle_timeout(self.now);
            self.drain();
        }
        self.now = until;
    }

    fn end(&mut self) {
        self.wait(Duration::from_secs(6));
        let outcome = self.engine.outcome().expect("over by its deadline");
        assert_eq!(self.told, self.rows.len(), "each is told of once");
        assert_eq!(outcome.servers, self.rows.len());
        for ip in &outcome.doubled {
            assert!(self.answers[ip] > outcome.rounds, "{ip} answered too seldom");
        }
    }

    fn drain(&mut self) {
        while self.engine.poll_transmit().is_some() {}
        while let Some(event) = self.engine.poll_event() {
            match event {
                DiscoveryEvent::Found(_) => self.told += 1,
                other => panic!("an event without a model: {other:?}"),
            }
        }
        let rows = self.engine.servers();
        assert!(rows.len() >= self.rows.len() && self.told <= rows.len());
        for (before, after) in self.rows.iter().zip(rows) {
            check_change(before, after);
        }
        rows.iter().for_each(check);
        self.rows = rows.to_vec();
        self.check_places();
    }

    /// A server that has answered for itself is listed, and no two servers have one address.
    fn check_places(&self) {
        let first = |row: &ServerRecord| (row.ip, row.interface);
        let places: BTreeSet<Place> = self.rows.iter().map(first).collect();
        assert_eq!(places.len(), self.rows.len(), "one address twice");
        for (ip, interface) in &self.heard {
            let is_row = places.contains(&(*ip, *interface));
            let is_beside = |row: &ServerRecord| {
                row.interface == *interface && row.other_addresses.contains(ip)
            };
            let is_full = |row: &ServerRecord| {
                row.interface == *interface
                    && row.other_addresses.len() == limits::OWN_ADDRESSES_MAX
            };
            let is_listed = is_row
                || ip.is_ipv6() && self.rows.iter().any(|row| is_beside(row) || is_full(row));
            assert!(is_listed, "{ip} is lost");
        }
    }
}

fn over_v6(from: Host) -> SocketAddr {
    SocketAddrV6::new(from.v6(), 9999, 0, from.link()).into()
}

fn check(row: &ServerRecord) {
    let others = &row.other_addresses;
    assert!(others.len() <= limits::OWN_ADDRESSES_MAX && !others.contains(&row.ip));
    assert!(others.iter().all(IpAddr::is_ipv6), "{row:?}");
    assert_eq!(others.iter().collect::<BTreeSet<_>>().len(), others.len());
    assert_eq!(row.trust == Trust::MatchesSource, row.ip == row.source.ip());
    assert!(!row.this_host && row.claimed.is_none());
}

/// A server stays where it is, but for one of IPv6 that was heard over IPv4 since.
fn check_change(before: &ServerRecord, after: &ServerRecord) {
    assert_eq!((before.port, before.interface), (after.port, after.interface));
    assert!(before.ip == after.ip || before.ip.is_ipv6() && after.ip.is_ipv4());
    if before.trust == Trust::MatchesSource && before.ip == after.ip {
        assert_eq!(before.source, after.source);
        assert_eq!(after.trust, Trust::MatchesSource);
    }
}
