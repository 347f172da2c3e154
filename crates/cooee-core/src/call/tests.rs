#![expect(clippy::disallowed_methods, reason = "a start for virtual time")]

use std::net::IpAddr;

use super::*;
use crate::interface::{InterfaceRole, LinkKind, LinkState};

mod faults;

const HOST: &str = "10.0.1.1";

struct Rig {
    discovery: DiscoveryEngine,
    start: Instant,
    now: Instant,
    sent: Vec<(Duration, Transmit)>,
}

impl Rig {
    fn new(config: DiscoveryConfig) -> Self {
        let target = Target::routed(([10, 0, 1, 255], 9999).into());
        Self::calling(config, vec![target], &format!("{HOST}/24"))
    }

    fn calling(config: DiscoveryConfig, targets: Vec<Target>, own: &str) -> Self {
        let interface = Interface {
            index: 2,
            name: "eth0".into(),
            addresses: vec![own.parse().expect("a network")],
            kind: LinkKind::Broadcast,
            state: LinkState::Up,
            role: InterfaceRole::default(),
        };
        let start = Instant::now();
        let discovery = DiscoveryEngine::new(config, targets, &[interface], 42, start)
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

    fn hear(&mut self, source: &str, payload: &[u8]) -> Option<ServerRecord> {
        let source = source.parse().expect("a source");
        let datagram = Datagram { interface: Some(2), ..Datagram::new(source, payload) };
        self.discovery.handle_datagram(self.now, &datagram);
        std::iter::from_fn(|| self.discovery.poll_event()).find_map(|event| match event {
            DiscoveryEvent::Found(server) => Some(server),
            DiscoveryEvent::Rejected(_) => None,
        })
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
fn nothing_found_takes_the_whole_timeout() {
    let mut rig = Rig::new(DiscoveryConfig::default());
    assert_eq!(rig.run(Duration::from_secs(60)), Duration::from_secs(5));
    assert_eq!(rig.outcome().servers, 0);
}

#[test]
fn one_server_that_always_answers_is_quickly_found_in_three_rounds() {
    let mut rig = Rig::new(DiscoveryConfig { wait: Wait::Quick, ..DiscoveryConfig::default() });
    let mut answered = 0;
    while rig.discovery.outcome().is_none() {
        if rig.sent.len() > answered {
            answered = rig.sent.len();
            rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
        }
        let next = rig.discovery.poll_timeout().expect("not over");
        rig.run(next - rig.start);
    }
    let outcome = rig.outcome();
    assert_eq!((outcome.ended, outcome.rounds), (Ended::Settled, 3));
    assert!(outcome.elapsed <= Duration::from_millis(800), "{outcome:?}");
}

#[test]
fn kernel_drops_keep_it_from_settling() {
    let mut rig = Rig::new(DiscoveryConfig::default());
    let mut answered = 0;
    while rig.discovery.outcome().is_none() {
        if rig.sent.len() > answered {
            answered = rig.sent.len();
            rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
            rig.discovery.handle_drops(answered.min(4) as u64 * 10);
        }
        let next = rig.discovery.poll_timeout().expect("not over");
        rig.run(next - rig.start);
    }
    let outcome = rig.outcome();
    assert_eq!((outcome.ended, outcome.rounds, outcome.kernel_drops), (Ended::Settled, 5, 40));
}

#[test]
fn the_first_answer_ends_it_when_one_is_wanted() {
    let mut rig = Rig::new(DiscoveryConfig { wait: Wait::First, ..DiscoveryConfig::default() });
    rig.run(Duration::from_millis(3));
    let found = rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7:80").expect("found");
    assert_eq!(found.address(), "10.0.1.7:80".parse().expect("an address"));
    assert_eq!(found.rtt, Some(Duration::from_millis(3)));
    assert_eq!(rig.outcome().ended, Ended::First);
    assert_eq!(rig.hear("10.0.1.8:9999", b"SERVER_IP:10.0.1.8"), None);
}

#[test]
fn answers_are_deduplicated_and_counted() {
    let mut rig = Rig::new(full(5000, 3));
    assert!(rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7").is_some());
    assert!(rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7:8000").is_none());
    assert!(rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7:8001").is_some());
    rig.discovery.stop(rig.now);
    let outcome = rig.outcome();
    assert_eq!((outcome.servers, outcome.answers, outcome.ended), (2, 3, Ended::Stopped));
}

#[test]
fn impossible_addresses_are_corrected_and_others_marked() {
    let mut rig = Rig::new(full(5000, 3));
    let mut case = |source: &str, says: &str, ip: &str, trust, claimed: Option<&str>| {
        let found = rig.hear(source, format!("SERVER_IP:{says}").as_bytes()).expect(says);
        assert_eq!(found.ip, ip.parse::<IpAddr>().expect("an address"), "{says}");
        assert_eq!(found.trust, trust, "{says}");
        assert_eq!(found.claimed, claimed.map(|c| c.parse().expect("an address")), "{says}");
        assert_eq!(found.source, source.parse().expect("a source"));
    };
    case("10.0.1.7:9999", "127.0.0.1", "10.0.1.7", Trust::MatchesSource, Some("127.0.0.1"));
    case("10.0.1.8:9999", "0.0.0.0:80", "10.0.1.8", Trust::MatchesSource, Some("0.0.0.0"));
    case(
        "10.0.1.9:9999",
        "255.255.255.255",
        "10.0.1.9",
        Trust::MatchesSource,
        Some("255.255.255.255"),
    );
    case("10.0.1.10:9999", "224.0.0.1", "10.0.1.10", Trust::MatchesSource, Some("224.0.0.1"));
    case("10.0.1.11:9999", "10.0.2.11", "10.0.2.11", Trust::Unverified, None);
    case("127.0.0.1:9999", "127.0.0.1:1", "127.0.0.1", Trust::MatchesSource, None);
    case(&format!("{HOST}:9999"), "127.0.0.1:2", "127.0.0.1", Trust::MatchesSource, None);
}

#[test]
fn what_a_server_says_of_itself_wins() {
    let mut rig = Rig::new(full(5000, 3));
    let forged = rig.hear("10.0.1.66:9999", b"SERVER_IP:10.0.1.7").expect("found");
    assert_eq!(forged.trust, Trust::Unverified);
    assert!(rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7").is_none());
    assert!(rig.hear("10.0.1.67:9999", b"SERVER_IP:10.0.1.7").is_none());
    let [server] = rig.discovery.servers() else { panic!("one server") };
    assert_eq!(server.trust, Trust::MatchesSource);
    assert_eq!(server.source, "10.0.1.7:9999".parse().expect("a source"));
}

#[test]
fn what_is_no_answer_is_counted() {
    let mut rig = Rig::new(full(5000, 3));
    let long = vec![b' '; limits::ANSWER_MAX + 1];
    for payload in [
        b"".as_slice(),
        b"DISCOVER_SERVER",
        b"hello",
        b"SERVER_IP:somewhere",
        b"SERVER_IP:10.0.0.1:0",
        b"SERVER_IP:\xff",
        &long,
    ] {
        assert_eq!(rig.hear("10.0.1.7:9999", payload), None);
    }
    for source in ["10.0.1.7:0", "255.255.255.255:1", "224.0.0.1:1", "0.0.0.0:1", "[fe80::1]:1"] {
        assert_eq!(rig.hear(source, b"SERVER_IP:10.0.1.7"), None);
    }
    rig.run(Duration::from_secs(10));
    let refusals = rig.outcome().refusals;
    let counts: Vec<_> = refusals.by_reason().map(|(_, count)| count).collect();
    assert_eq!(counts, [5, 1, 1, 1, 1, 1, 1, 1, 0], "{refusals:?}");
    assert_eq!(refusals.in_all(), 12);
}

#[test]
fn results_are_bounded() {
    let mut rig = Rig::new(full(5000, 3));
    for n in 0..limits::RESULTS_MAX as u32 + 5 {
        let ip = std::net::Ipv4Addr::from_bits(0x0b00_0000 + n);
        rig.hear("10.0.1.7:9999", format!("SERVER_IP:{ip}").as_bytes());
    }
    rig.run(Duration::from_secs(10));
    let outcome = rig.outcome();
    assert!(outcome.truncated);
    assert_eq!(outcome.servers, limits::RESULTS_MAX);
    assert_eq!(outcome.refusals.table_full, 5);
}

#[test]
fn sweeps_are_paced_and_come_round_again() {
    let sweep = vec!["10.0.2.0/24".parse().expect("a network")];
    let mut rig = Rig::new(DiscoveryConfig { sweep, ..full(5000, 3) });
    rig.run(Duration::from_secs(10));
    let swept: Vec<_> = rig
        .sent
        .iter()
        .filter(|(_, t)| t.destination.ip() != IpAddr::from([10, 0, 1, 255]))
        .collect();
    assert!(swept.windows(2).all(|pair| pair[1].0 - pair[0].0 >= limits::SWEEP_PACE));
    assert_eq!(swept[0].1.destination, "10.0.2.1:9999".parse().expect("an address"));
    assert!(swept.len() > 254 * 4, "{} calls", swept.len());
    let again = swept.iter().filter(|(_, t)| t.destination == swept[0].1.destination).count();
    assert_eq!(again, 5, "one for each pass");
}

#[test]
fn a_large_sweep_leaves_the_rounds_alone() {
    let sweep = vec!["10.0.16.0/20".parse().expect("a network")];
    let mut rig = Rig::new(DiscoveryConfig { sweep, ..full(5000, 3) });
    rig.run(Duration::from_secs(10));
    assert!(rig.outcome().rounds >= 6, "{:?}", rig.outcome());
    let broadcast: SocketAddr = "10.0.1.255:9999".parse().expect("an address");
    let calls = rig.sent.iter().filter(|(_, t)| t.destination == broadcast).count();
    assert_eq!(calls, rig.outcome().rounds as usize);
}

#[test]
fn a_swept_server_settles_and_has_its_own_round_trip() {
    let sweep = vec!["10.0.2.0/24".parse().expect("a network")];
    let mut rig = Rig::new(DiscoveryConfig { sweep, ..DiscoveryConfig::default() });
    let server: SocketAddr = "10.0.2.200:9999".parse().expect("an address");
    let (mut heard, mut looked) = (Vec::new(), 0);
    while rig.discovery.outcome().is_none() {
        for call in looked..rig.sent.len() {
            if rig.sent[call].1.destination == server {
                heard.extend(rig.hear("10.0.2.200:9999", b"SERVER_IP:10.0.2.200"));
            }
        }
        looked = rig.sent.len();
        let next = rig.discovery.poll_timeout().expect("not over");
        rig.run(next - rig.start);
    }
    let [found] = &heard[..] else { panic!("{heard:?}") };
    let rtt = found.rtt.expect("one probe was sent to it");
    assert!(rtt < Duration::from_millis(50), "{rtt:?}");
    let outcome = rig.outcome();
    assert_eq!(outcome.ended, Ended::Settled);
    assert!(outcome.elapsed > 3 * 254 * limits::SWEEP_PACE, "three passes: {outcome:?}");
}

#[test]
fn too_short_a_time_tells_nothing_of_the_unseen() {
    let mut rig = Rig::new(full(120, 0));
    for n in 1..=100 {
        let source = format!("10.0.1.{n}:9999");
        rig.hear(&source, format!("SERVER_IP:10.0.1.{n}").as_bytes());
    }
    rig.run(Duration::from_secs(1));
    assert_eq!((rig.outcome().servers, rig.outcome().estimate), (100, None));
}

#[test]
fn a_round_that_had_no_time_to_be_answered_is_no_miss() {
    let mut rig = Rig::new(full(5000, 3));
    for round in 1..=3 {
        while rig.sent.len() < round {
            let next = rig.discovery.poll_timeout().expect("not over");
            rig.run(next - rig.start);
        }
        if round < 3 {
            rig.now += Duration::from_millis(20);
            rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
        }
    }
    rig.discovery.stop(rig.now);
    assert_eq!(rig.outcome().rounds, 3);
    let estimate = rig.outcome().estimate.expect("two rounds were heard out");
    assert!(estimate.answer_rate > 0.6, "{estimate:?}");
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
}
