#![expect(clippy::disallowed_methods, reason = "a start for virtual time")]

mod announced;
mod by_address;
mod families;
mod faults;
mod forged;
mod hosts;
mod late;
mod names;
mod neighbours;
mod remembered;
mod round_trips;
mod rows;
mod settling;
mod sweeps;

use super::*;
use std::net::IpAddr;

use crate::wire::Families;
use ipnet::IpNet;

use crate::interface::{InterfaceRole, LinkKind, LinkState};
use crate::{Datagram, Wait, limits};

const HOST: &str = "10.0.1.1";

fn eth0(own: &str) -> Interface {
    Interface {
        index: 2,
        name: "eth0".into(),
        addresses: vec![own.parse().expect("a network")],
        kind: LinkKind::Broadcast,
        state: LinkState::Up,
        role: InterfaceRole::default(),
    }
}

struct Rig {
    discovery: DiscoveryEngine,
    start: Instant,
    now: Instant,
    sent: Vec<(Duration, Transmit)>,
}

impl Rig {
    fn new(config: DiscoveryConfig) -> Self {
        Self::calling(config, vec![Target::routed(([10, 0, 1, 255], 9999).into())])
    }

    fn calling(config: DiscoveryConfig, targets: Vec<Target>) -> Self {
        Self::calling_from(config, targets, &format!("{HOST}/24"))
    }

    fn calling_from(config: DiscoveryConfig, targets: Vec<Target>, own: &str) -> Self {
        let start = Instant::now();
        let discovery = DiscoveryEngine::new(config, targets, &[eth0(own)], 42, start)
            .expect("a sound configuration");
        let mut rig = Self { discovery, start, now: start, sent: Vec::new() };
        rig.discovery.handle_timeout(start);
        rig.drain();
        rig
    }

    fn drain(&mut self) {
        let at = self.now - self.start;
        self.sent.extend(std::iter::from_fn(|| self.discovery.poll_transmit()).map(|t| (at, t)));
    }

    /// Runs to `until`, or to the end. Returns when it stopped.
    fn run(&mut self, until: Duration) -> Duration {
        while let Some(next) = self.discovery.poll_timeout()
            && next <= self.start + until
        {
            self.now = next;
            self.discovery.handle_timeout(next);
            self.drain();
        }
        if self.discovery.outcome().is_none() {
            self.now = self.start + until;
        }
        self.now - self.start
    }

    /// Runs to the next timer.
    fn step(&mut self) {
        let next = self.discovery.poll_timeout().expect("not over");
        self.run(next - self.start);
    }

    /// Runs until it ends; each call to `server` is answered after `delay`.
    fn run_answered(&mut self, server: &str, delay: Duration) -> Outcome {
        let answer = format!("SERVER_IP:{}", server.split(':').next().expect("an address"));
        let (mut looked, mut due) = (0, VecDeque::new());
        while self.discovery.outcome().is_none() {
            let ip: IpAddr = server.split(':').next().and_then(|ip| ip.parse().ok()).expect("one");
            for (at, transmit) in &self.sent[looked..] {
                let to = transmit.destination.ip();
                if to == ip || to == IpAddr::from([10, 0, 1, 255]) {
                    due.push_back(self.start + *at + delay);
                }
            }
            looked = self.sent.len();
            match (due.front().copied(), self.discovery.poll_timeout()) {
                (Some(answered), Some(next)) if answered <= next => {
                    due.pop_front();
                    self.now = self.now.max(answered);
                    self.hear(server, answer.as_bytes());
                    self.drain();
                }
                _ => self.step(),
            }
        }
        self.outcome()
    }

    fn hear(&mut self, source: &str, payload: &[u8]) -> Option<ServerRecord> {
        self.hear_on(2, source, payload)
    }

    fn hear_on(&mut self, index: u32, source: &str, payload: &[u8]) -> Option<ServerRecord> {
        let source = source.parse().expect("a source");
        let datagram = Datagram { interface: Some(index), ..Datagram::new(source, payload) };
        self.discovery.handle_datagram(self.now, &datagram);
        std::iter::from_fn(|| self.discovery.poll_event()).find_map(|event| match event {
            DiscoveryEvent::Found(server) => Some(server),
            DiscoveryEvent::Rejected(_) | DiscoveryEvent::SweepWanted => None,
        })
    }

    fn rounds(&self) -> usize {
        self.sent.len()
    }

    fn outcome(&self) -> Outcome {
        self.discovery.outcome().expect("ended")
    }
}

fn full(timeout: u64, retries: u32) -> DiscoveryConfig {
    DiscoveryConfig {
        timeout: Some(Duration::from_millis(timeout)),
        retries,
        wait: Wait::Full,
        ..DiscoveryConfig::default()
    }
}

#[test]
fn probes_go_out_with_growing_gaps() {
    let mut rig = Rig::new(full(5000, 3));
    rig.run(Duration::from_secs(10));
    let times: Vec<f64> = rig.sent.iter().map(|(at, _)| at.as_secs_f64()).collect();
    let gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (gap, nominal) in gaps.iter().zip([0.15, 0.3, 0.6, 1.0, 1.0, 1.0, 1.0, 1.0]) {
        assert!((gap / nominal - 1.0).abs() <= 0.2001, "{gaps:?}");
    }
    assert!((6..=8).contains(&times.len()), "{times:?}");
    assert!(gaps.iter().zip([0.15, 0.3, 0.6]).any(|(gap, nominal)| *gap != nominal), "no jitter");
}

#[test]
fn the_promised_rounds_fit_into_any_timeout() {
    for timeout in [10, 100, 500, 1000, 1500, 3000] {
        for retries in [0, 1, 3, 10, 100] {
            let mut rig = Rig::new(full(timeout, retries));
            let ended = rig.run(Duration::from_secs(10));
            assert_eq!(ended, Duration::from_millis(timeout));
            assert!(rig.outcome().rounds > retries, "{timeout} ms, {retries}: {:?}", rig.outcome());
        }
    }
}

#[test]
fn the_deadline_is_absolute() {
    let mut rig = Rig::new(full(2000, 3));
    while rig.discovery.outcome().is_none() {
        rig.now += Duration::from_millis(10);
        rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
        rig.hear("10.0.1.7:9999", b"");
        rig.discovery.handle_timeout(rig.now);
    }
    assert_eq!(rig.now - rig.start, Duration::from_secs(2));
    assert_eq!(rig.outcome().ended, Ended::Deadline);
    assert_eq!(rig.outcome().refusals.empty, 200);
    assert_eq!(rig.discovery.poll_timeout(), None);
}

#[test]
fn whom_to_call_may_change_meanwhile() {
    let mut rig = Rig::new(full(5000, 3));
    rig.run(Duration::from_millis(100));
    let other: SocketAddr = ([10, 0, 7, 255], 9999).into();
    rig.discovery.handle_interfaces(&[], vec![Target::routed(other)]);
    rig.run(Duration::from_secs(10));
    let calls: Vec<_> = rig.sent.iter().map(|(_, t)| t.destination).collect();
    assert_eq!(calls[0], "10.0.1.255:9999".parse().expect("an address"));
    assert!(calls.len() > 3 && calls[1..].iter().all(|to| *to == other), "{calls:?}");
}

#[test]
fn a_timeout_of_nanoseconds_ends_too() {
    let config = DiscoveryConfig { timeout: Some(Duration::from_nanos(1)), ..full(0, 3) };
    let mut rig = Rig::new(config);
    while let Some(next) = rig.discovery.poll_timeout() {
        assert!(next > rig.now, "a timer that does not move on");
        rig.now = next;
        rig.discovery.handle_timeout(next);
    }
    assert_eq!(rig.outcome().ended, Ended::Deadline);
}

#[test]
fn interfaces_that_change_after_the_end_change_nothing() {
    let sweep = vec!["10.0.2.0/30".parse().expect("a network")];
    let mut rig = Rig::new(DiscoveryConfig { sweep, ..full(4000, 3) });
    rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7").expect("a server");
    rig.run(Duration::from_secs(2));
    rig.hear("10.0.2.1:9999", b"SERVER_IP:10.0.2.1").expect("a server that the sweep found");
    rig.run(Duration::from_secs(4));
    let outcome = rig.outcome();
    assert!(outcome.estimate.is_some());
    rig.discovery.handle_interfaces(&[], Vec::new());
    assert_eq!(rig.outcome(), outcome);
}

#[test]
fn the_first_answer_ends_it_when_one_is_wanted() {
    let mut rig = Rig::new(DiscoveryConfig { wait: Wait::First, ..DiscoveryConfig::default() });
    rig.run(Duration::from_millis(3));
    let found = rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7:80").expect("found");
    assert_eq!(found.address(), "10.0.1.7:80".parse().expect("an address"));
    assert_eq!(found.rtt, Some(Duration::from_millis(3)));
    assert_eq!(found.via, Via::Broadcast);
    assert_eq!(rig.outcome().ended, Ended::First);
    assert_eq!(rig.hear("10.0.1.8:9999", b"SERVER_IP:10.0.1.8"), None);
}

#[test]
fn what_cannot_work_is_refused_at_the_start() {
    let start = Instant::now();
    let refused =
        |config| DiscoveryEngine::new(config, vec![], &[], 1, start).expect_err("refused");
    let timeout = Duration::ZERO;
    assert_eq!(refused(full(0, 3)), ConfigError::Timeout { timeout });
    assert_eq!(refused(full(5000, 101)), ConfigError::Retries { retries: 101 });
    let sweep = vec!["10.0.0.0/8".parse().expect("a network")];
    let too_large = refused(DiscoveryConfig { sweep, ..full(5000, 3) });
    assert_eq!(too_large, ConfigError::SweepTooLarge { addresses: 1 << 24 });
    let sweep = vec!["fd00::/120".parse().expect("a network")];
    let families = Families::V4;
    let unspeakable = refused(DiscoveryConfig { sweep, families, ..full(5000, 3) });
    assert_eq!(unspeakable, ConfigError::Unspeakable { host: "fd00::/120".to_owned() });
}
