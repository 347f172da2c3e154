#![expect(clippy::disallowed_methods, reason = "a start for virtual time")]

mod bound;
mod copies;
mod listeners;
mod neighbours;
mod offers;
mod over_v6;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::*;
use crate::interface::{LinkKind, fixture as interface};
use crate::wire::classic::Classic;
use crate::{Advertise, AnswerPolicy, ListenerRule, RateLimit, limits};

const LO: u32 = 1;
const ETH0: u32 = 2;
const ETH1: u32 = 3;

fn host() -> Vec<Interface> {
    vec![
        interface(LO, "lo", LinkKind::Loopback, &["127.0.0.1/8", "::1/128"]),
        interface(ETH0, "eth0", LinkKind::Broadcast, &["10.0.1.2/24", "fe80::2/64"]),
        interface(ETH1, "eth1", LinkKind::Broadcast, &["10.0.2.2/24", "10.0.3.2/24"]),
    ]
}

struct Rig {
    responder: ResponderEngine,
    now: Instant,
}

impl Rig {
    fn new(config: ResponderConfig) -> Self {
        let now = Instant::now();
        let responder =
            ResponderEngine::new(config, &host(), 1, now).expect("a sound configuration");
        Self { responder, now }
    }

    fn hear(&mut self, source: &str, to: &str, on: u32, payload: &[u8]) -> Option<Transmit> {
        self.now += Duration::from_secs(10);
        let source: SocketAddr = source.parse().expect("a source");
        let destination = to.parse().ok();
        let interface = Some(on);
        let datagram = Datagram { destination, interface, ..Datagram::new(source, payload) };
        self.responder.handle_datagram(self.now, &datagram);
        self.resolve();
        self.responder.poll_transmit()
    }

    /// Every neighbour is resolved.
    fn resolve(&mut self) {
        let resolved = NeighbourState::Resolved;
        let wanted = self.responder.events.iter().filter_map(|event| match event {
            ResponderEvent::NeighbourWanted { asker, interface } => Some((*asker, *interface)),
            _ => None,
        });
        for (asker, interface) in wanted.collect::<Vec<_>>() {
            self.responder.handle_neighbour(self.now, asker, interface, resolved);
        }
        let is_wanted =
            |event: &ResponderEvent| matches!(event, ResponderEvent::NeighbourWanted { .. });
        self.responder.events.retain(|event| !is_wanted(event));
    }

    fn route(&mut self, asker: IpAddr, route: Option<IpAddr>) -> Option<Transmit> {
        self.responder.handle_route(self.now, asker, route);
        self.resolve();
        self.responder.poll_transmit()
    }

    fn probe(&mut self, source: &str, to: &str, on: u32) -> Option<Transmit> {
        self.hear(source, to, on, b"DISCOVER_SERVER")
    }

    #[track_caller]
    fn refused(&mut self, source: &str, payload: &[u8], why: ProbeRefusal) {
        let before = self.responder.counters().refused(why);
        assert_eq!(self.hear(source, "10.0.1.255", ETH0, payload), None);
        assert_eq!(self.responder.counters().refused(why), before + 1, "{why:?}");
    }
}

#[track_caller]
fn answered(transmit: Option<Transmit>, says: &str, from: &str, leaves_by: Option<u32>) {
    let transmit = transmit.expect("an answer");
    assert_eq!(transmit.payload, format!("SERVER_IP:{says}"));
    assert_eq!(transmit.source, Some(from.parse().expect("an address")));
    assert_eq!(transmit.interface, leaves_by);
}

#[test]
fn a_broadcast_is_answered_with_the_address_on_the_askers_segment() {
    let mut rig = Rig::new(ResponderConfig::default());
    let answer = rig.probe("10.0.1.9:4000", "10.0.1.255", ETH0);
    answered(answer, "10.0.1.2", "10.0.1.2", Some(ETH0));
    let answer = rig.probe("10.0.2.9:4000", "255.255.255.255", ETH1);
    answered(answer, "10.0.2.2", "10.0.2.2", Some(ETH1));
    let answer = rig.probe("10.0.3.9:4000", "255.255.255.255", ETH1);
    answered(answer, "10.0.3.2", "10.0.3.2", Some(ETH1));
}

#[test]
fn the_answer_leaves_from_the_address_that_was_called() {
    let mut rig = Rig::new(ResponderConfig::default());
    let answer = rig.probe("10.0.2.9:4000", "10.0.2.2", ETH1);
    answered(answer, "10.0.2.2", "10.0.2.2", Some(ETH1));
    // By way of another address of ours: it names the asker's own segment, from the one called.
    let answer = rig.probe("10.0.2.9:4000", "10.0.3.2", ETH1);
    answered(answer, "10.0.2.2", "10.0.3.2", Some(ETH1));
    let answer = rig.probe("10.0.2.9:4000", "10.0.1.2", ETH1);
    answered(answer, "10.0.2.2", "10.0.1.2", Some(ETH1));
}

#[test]
fn a_routed_asker_gets_the_address_that_it_called() {
    let mut rig = Rig::new(ResponderConfig::default());
    let answer = rig.probe("10.9.9.9:4000", "10.0.2.2", ETH0);
    answered(answer, "10.0.2.2", "10.0.2.2", None);
}

#[test]
fn a_routed_broadcast_is_answered_by_the_route_towards_the_asker() {
    let mut rig = Rig::new(ResponderConfig::default());
    assert_eq!(rig.probe("10.9.9.9:4000", "10.0.1.255", ETH0), None);
    let asker = IpAddr::from([10, 9, 9, 9]);
    assert_eq!(rig.responder.poll_event(), Some(ResponderEvent::RouteWanted { asker }));
    let answer = rig.route(asker, Some([10, 0, 3, 2].into()));
    let direct = rig.probe("10.0.3.9:4000", "10.0.3.2", ETH1).expect("an answer");
    let routed = answer.clone().expect("an answer");
    assert_eq!(routed.payload.as_ptr(), direct.payload.as_ptr(), "kept, not made again");
    answered(answer, "10.0.3.2", "10.0.3.2", None);

    // Without a route it is on the link all the same, with an address of another network.
    assert_eq!(rig.probe("10.9.9.9:4000", "10.0.1.255", ETH0), None);
    answered(rig.route(asker, None), "10.0.1.2", "10.0.1.2", Some(ETH0));
    let nowhere =
        Datagram { interface: None, ..Datagram::new((asker, 4000).into(), b"DISCOVER_SERVER") };
    rig.responder.handle_datagram(rig.now, &nowhere);
    assert_eq!(rig.route(asker, None), None);
    assert_eq!(rig.responder.counters().refused(ProbeRefusal::NoRoute), 1);
}

#[test]
fn an_asker_that_became_everybody_is_not_answered() {
    let mut rig = Rig::new(ResponderConfig::default());
    let asker = IpAddr::from([10, 9, 9, 255]);
    assert_eq!(rig.probe(&format!("{asker}:4000"), "10.0.1.255", ETH0), None);
    let mut interfaces = host();
    interfaces.push(interface(9, "eth9", LinkKind::Broadcast, &["10.9.9.1/24"]));
    rig.responder.handle_interfaces(&interfaces);
    assert_eq!(rig.route(asker, Some([10, 0, 3, 2].into())), None);
    assert_eq!(rig.responder.counters().refused_in_all(), 1);
}

#[test]
fn routes_being_looked_up_are_bounded() {
    let mut rig = Rig::new(ResponderConfig::default());
    for n in 0..=limits::ROUTES_PENDING {
        rig.probe(&format!("10.9.9.{n}:4000"), "10.0.1.255", ETH0);
    }
    assert_eq!(rig.responder.counters().refused(ProbeRefusal::Busy), 1);
}

#[test]
fn routes_are_looked_up_so_often_and_neighbours_need_none() {
    let mut rig = Rig::new(ResponderConfig::default());
    let per_second = limits::ROUTES_PER_SECOND;
    let burst = per_second / 10;
    assert_eq!(limits::BURST_IN_ALL, Duration::from_millis(100));
    let mut stranger = (0..).map(|n| Ipv4Addr::from_bits(0x0a09_0000 + n));
    let mut looked_up = |rig: &mut Rig, times: u32| -> u32 {
        let before = rig.responder.counters().answered;
        for asker in stranger.by_ref().take(times as usize) {
            let destination = "10.0.1.255".parse().ok();
            let probe = Datagram::new((asker, 4000).into(), b"DISCOVER_SERVER");
            let probe = Datagram { destination, interface: Some(ETH0), ..probe };
            rig.responder.handle_datagram(rig.now, &probe);
            while let Some(ResponderEvent::RouteWanted { asker }) = rig.responder.poll_event() {
                rig.responder.handle_route(rig.now, asker, Some([10, 0, 3, 2].into()));
                rig.resolve();
            }
        }
        (rig.responder.counters().answered - before) as u32
    };
    assert_eq!(looked_up(&mut rig, burst + 7), burst);
    assert_eq!(rig.responder.counters().refused(ProbeRefusal::Busy), 7);
    rig.now += Duration::from_millis(10);
    assert_eq!(looked_up(&mut rig, burst), per_second / 100);
    rig.responder.transmits.clear();
    let answer = rig.hear("10.0.1.9:4000", "10.0.1.255", ETH0, b"DISCOVER_SERVER");
    answered(answer, "10.0.1.2", "10.0.1.2", Some(ETH0));
}

#[test]
fn loopback_gets_loopback() {
    let mut rig = Rig::new(ResponderConfig::default());
    let answer = rig.probe("127.0.0.1:4000", "127.0.0.1", LO);
    answered(answer, "127.0.0.1", "127.0.0.1", None);
    // From this host, over its own broadcast.
    let answer = rig.probe("10.0.1.2:4000", "10.0.1.255", ETH0);
    answered(answer, "10.0.1.2", "10.0.1.2", None);
    assert_eq!(rig.probe("127.0.0.1:4000", "10.0.1.255", ETH0), None);
    assert_eq!(rig.responder.counters().refused(ProbeRefusal::SourceLoopback), 1);
}

#[test]
fn a_configured_address_wins() {
    let advertise = Advertise::Address([203, 0, 113, 5].into());
    let mut rig = Rig::new(ResponderConfig {
        advertise,
        service_port: Some(8080),
        ..ResponderConfig::default()
    });
    let answer = rig.probe("10.0.1.9:4000", "10.0.1.255", ETH0);
    answered(answer, "203.0.113.5:8080", "10.0.1.2", Some(ETH0));
    let routed = rig.probe("10.9.9.9:4000", "10.0.1.255", ETH0).expect("an answer");
    assert_eq!(routed.payload, "SERVER_IP:203.0.113.5:8080");
    assert_eq!((routed.source, routed.interface), (None, None));
}

#[test]
fn an_interface_that_changes_changes_the_next_answer() {
    let mut rig = Rig::new(ResponderConfig::default());
    let mut interfaces = host();
    interfaces[1].addresses = vec!["10.0.7.2/24".parse().expect("a network")];
    rig.responder.handle_interfaces(&interfaces);
    let answer = rig.probe("10.0.7.9:4000", "10.0.7.255", ETH0);
    answered(answer, "10.0.7.2", "10.0.7.2", Some(ETH0));
}

#[test]
fn only_exact_probes_are_answered_and_each_miss_is_counted() {
    let mut rig = Rig::new(ResponderConfig::default());
    let long = [b'x'; 65_507];
    for (payload, why) in [
        (b"DISCOVER_SERVER\n".as_slice(), ProbeRefusal::WhiteSpace),
        (b"DISCOVER_SERVER\0", ProbeRefusal::Nul),
        (b"Discover_Server", ProbeRefusal::Case),
        (b"DISCOVER_", ProbeRefusal::Prefix),
        (b"DISCOVER_SERVER:v2", ProbeRefusal::Prefix),
        (b"", ProbeRefusal::Empty),
        (&long, ProbeRefusal::TooLong),
        (b"SERVER_IP:10.0.1.7", ProbeRefusal::Answer),
        (b"M-SEARCH * HTTP/1.1", ProbeRefusal::Foreign),
    ] {
        rig.refused("10.0.1.9:4000", payload, why);
    }
}

#[test]
fn sources_that_are_nobody_are_never_answered() {
    let mut rig =
        Rig::new(ResponderConfig { policy: AnswerPolicy::Any, ..ResponderConfig::default() });
    for (source, why) in [
        ("10.0.1.9:0", ProbeRefusal::SourcePortZero),
        ("255.255.255.255:4000", ProbeRefusal::SourceBroadcast),
        ("10.0.1.255:4000", ProbeRefusal::SourceBroadcast),
        ("10.0.2.255:4000", ProbeRefusal::SourceBroadcast),
        ("224.0.0.251:5353", ProbeRefusal::SourceMulticast),
        ("0.0.0.0:4000", ProbeRefusal::SourceUnusable),
        ("240.1.2.3:4000", ProbeRefusal::SourceUnusable),
        ("[::]:4000", ProbeRefusal::SourceUnusable),
        ("[::ffff:10.0.1.9]:4000", ProbeRefusal::SourceUnusable),
        ("[ff02::1]:4000", ProbeRefusal::SourceMulticast),
    ] {
        rig.refused(source, b"DISCOVER_SERVER", why);
    }
}

#[test]
fn who_is_answered_is_a_policy() {
    let public = "8.8.8.8:53";
    let private = "192.168.77.7:4000";
    let on_link = "10.0.1.9:4000";
    let on_another_link = "10.0.2.9:4000";
    for (policy, answered) in [
        (AnswerPolicy::Any, [true, true, true, true]),
        (AnswerPolicy::Private, [false, true, true, true]),
        (AnswerPolicy::OnLink, [false, false, true, false]),
    ] {
        let mut rig = Rig::new(ResponderConfig { policy, ..ResponderConfig::default() });
        for (source, answered) in [public, private, on_link, on_another_link].iter().zip(answered) {
            let answer = rig.probe(source, "10.0.1.2", ETH0);
            assert_eq!(answer.is_some(), answered, "{policy:?} {source}");
        }
        assert!(rig.probe("127.0.0.1:4000", "127.0.0.1", LO).is_some(), "loopback always");
    }
}

#[test]
fn allowed_networks_are_answered_besides() {
    let allow = vec!["8.8.8.0/24".parse().expect("a network")];
    let mut rig = Rig::new(ResponderConfig {
        policy: AnswerPolicy::OnLink,
        allow,
        ..ResponderConfig::default()
    });
    assert!(rig.probe("8.8.8.8:53", "10.0.1.2", ETH0).is_some());
    assert!(rig.probe("8.8.4.4:53", "10.0.1.2", ETH0).is_none());
}

#[test]
fn an_insistent_source_is_limited() {
    let mut rig = Rig::new(ResponderConfig::default());
    let source: SocketAddr = "10.0.1.9:4000".parse().expect("a source");
    let datagram = Datagram { interface: Some(ETH0), ..Datagram::new(source, b"DISCOVER_SERVER") };
    for _ in 0..1000 {
        rig.responder.handle_datagram(rig.now, &datagram);
        rig.resolve();
    }
    let burst = u64::from(limits::ANSWERS_PER_SOURCE) * limits::BURST_PER_SOURCE.as_secs();
    assert_eq!(rig.responder.counters().answered, burst);
    assert_eq!(rig.responder.counters().refused(ProbeRefusal::SourceRate), 1000 - burst);
}

#[test]
fn what_cannot_work_is_refused_at_the_start() {
    let now = Instant::now();
    let refused = |config| ResponderEngine::new(config, &host(), 1, now).expect_err("refused");
    let classic = Classic::new("SERVER_IP:10.0.0.1", "SERVER_IP:").expect("lengths are fine");
    let config = ResponderConfig { codecs: vec![classic.into()], ..ResponderConfig::default() };
    assert!(matches!(refused(config), ConfigError::AnswerIsProbe { .. }));
    let config = ResponderConfig { service_port: Some(0), ..ResponderConfig::default() };
    assert_eq!(refused(config), ConfigError::PortZero);
    let address = IpAddr::from([0, 0, 0, 0]);
    let advertise = Advertise::Address(address);
    let config = ResponderConfig { advertise, ..ResponderConfig::default() };
    assert_eq!(refused(config), ConfigError::AdvertiseNotAHost { address });
    assert_eq!(RateLimit::per_source(0), Err(ConfigError::RateZero));
}
