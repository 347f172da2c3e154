//! Random input and random operation sequences keep the promises of the engine.
#![expect(clippy::disallowed_methods, reason = "a start for virtual time")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use cooee_core::interface::{Interface, InterfaceRole, LinkKind, LinkState};
use cooee_core::wire::classic::Classic;
use cooee_core::wire::{QueryError, Reply};
use cooee_core::{
    AnswerPolicy, Datagram, DiscoveryConfig, DiscoveryEngine, DiscoveryEvent, NeighbourState,
    ResponderConfig, ResponderEngine, ResponderEvent, Target, Wait,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn interfaces() -> Vec<Interface> {
    let interface = |index, name: &str, kind, net: &str| Interface {
        index,
        name: name.into(),
        addresses: vec![net.parse().expect("a network")],
        kind,
        state: LinkState::Up,
        role: InterfaceRole::default(),
    };
    vec![
        interface(1, "lo", LinkKind::Loopback, "127.0.0.1/8"),
        interface(2, "eth0", LinkKind::Broadcast, "10.0.0.1/24"),
    ]
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => Just(b"DISCOVER_SERVER".to_vec()),
        2 => "SERVER_IP:[0-9. ]{0,16}(:[0-9 ]{0,6})?".prop_map(String::into_bytes),
        1 => Just(Vec::new()),
        2 => vec(any::<u8>(), 0..2048),
    ]
}

fn source() -> impl Strategy<Value = SocketAddr> {
    let near = any::<u8>().prop_map(|host| Ipv4Addr::new(10, 0, 0, host));
    let address = prop_oneof![near, any::<u32>().prop_map(Ipv4Addr::from_bits)];
    (address, any::<u16>()).prop_map(|(ip, port)| SocketAddr::from((ip, port)))
}

#[derive(Debug, Clone)]
enum Operation {
    Datagram { source: SocketAddr, to: Option<Ipv4Addr>, on: Option<u32>, payload: Vec<u8> },
    Wait(Duration),
    Drops(u64),
    Interfaces { present: bool },
}

fn operation() -> impl Strategy<Value = Operation> {
    let to = prop_oneof![
        Just(None),
        Just(Some(Ipv4Addr::new(10, 0, 0, 255))),
        any::<u32>().prop_map(|bits| Some(Ipv4Addr::from_bits(bits))),
    ];
    let on = prop_oneof![Just(None), (0_u32..4).prop_map(Some)];
    prop_oneof![
        8 => (source(), to, on, payload()).prop_map(|(source, to, on, payload)| {
            Operation::Datagram { source, to, on, payload }
        }),
        3 => (0_u64..400_000).prop_map(|us| Operation::Wait(Duration::from_micros(us))),
        1 => any::<u64>().prop_map(Operation::Drops),
        1 => any::<bool>().prop_map(|present| Operation::Interfaces { present }),
    ]
}

proptest! {
    #[test]
    fn decoding_never_panics(bytes in vec(any::<u8>(), 0..1500)) {
        let classic = Classic::default();
        let _ = classic.decode_reply(&bytes);
        let _ = classic.decode_query(&bytes);
    }

    #[test]
    fn decoding_undoes_encoding(ip in any::<u32>(), port in proptest::option::of(1_u16..)) {
        let reply = Reply::new(Ipv4Addr::from_bits(ip), port);
        let classic = Classic::default();
        let encoded = classic.encode_reply(&reply);
        prop_assert_eq!(classic.decode_reply(&encoded), Ok(reply));
        prop_assert_eq!(classic.decode_query(&encoded), Err(QueryError::Reply));
    }

    #[test]
    fn a_responder_accounts_for_every_datagram(operations in vec(operation(), 0..200)) {
        let mut now = Instant::now();
        let config = ResponderConfig { policy: AnswerPolicy::Any, ..ResponderConfig::default() };
        let mut responder =
            ResponderEngine::new(config, &interfaces(), 1, now).expect("a sound configuration");
        for operation in operations {
            match operation {
                Operation::Wait(time) => now += time,
                Operation::Drops(_) => {}
                Operation::Interfaces { present } => {
                    let table = if present { interfaces() } else { Vec::new() };
                    responder.handle_interfaces(&table);
                }
                Operation::Datagram { source, to, on, payload } => {
                    let destination = to.map(IpAddr::V4);
                    let datagram = Datagram {
                        destination,
                        interface: on,
                        ..Datagram::new(source, &payload)
                    };
                    responder.handle_datagram(now, &datagram);
                    while let Some(event) = responder.poll_event() {
                        match event {
                            ResponderEvent::RouteWanted { asker } => {
                                responder.handle_route(now, asker, None);
                            }
                            ResponderEvent::NeighbourWanted { asker, interface } => {
                                let state = NeighbourState::Unknown;
                                responder.handle_neighbour(now, asker, interface, state);
                            }
                            _ => {}
                        }
                    }
                    let sent: Vec<_> = std::iter::from_fn(|| responder.poll_transmit()).collect();
                    prop_assert!(sent.len() <= 1);
                    for transmit in sent {
                        prop_assert_eq!(&payload, b"DISCOVER_SERVER");
                        prop_assert_eq!(transmit.destination, source);
                        prop_assert!(transmit.payload.starts_with(b"SERVER_IP:"));
                    }
                }
            }
            let counters = responder.counters();
            prop_assert_eq!(counters.received, counters.answered + counters.refused_in_all());
        }
    }

    #[test]
    fn a_discovery_ends_in_time_and_finds_each_server_once(
        operations in vec(operation(), 0..200),
        wait in prop_oneof![Just(Wait::First), Just(Wait::Quick), Just(Wait::Settled), Just(Wait::Full)],
        timeout_ms in 1_u64..8000,
        seed in any::<u64>(),
    ) {
        let start = Instant::now();
        let mut now = start;
        let timeout = Duration::from_millis(timeout_ms);
        let config = DiscoveryConfig { timeout: Some(timeout), wait, ..DiscoveryConfig::default() };
        let broadcast = "10.0.0.255:9999".parse().expect("an address");
        let mut discovery =
            DiscoveryEngine::new(config, vec![Target::routed(broadcast)], &interfaces(), seed, now)
                .expect("a sound configuration");
        let mut found = Vec::new();
        for operation in operations.into_iter().chain([Operation::Wait(timeout * 2)]) {
            match operation {
                Operation::Wait(time) => {
                    let until = now + time;
                    while let Some(next) = discovery.poll_timeout().filter(|next| *next <= until) {
                        prop_assert!(next <= start + timeout);
                        now = now.max(next);
                        discovery.handle_timeout(now);
                        while discovery.poll_transmit().is_some() {}
                        let ahead = discovery.poll_timeout().is_none_or(|after| after > now);
                        prop_assert!(ahead, "a timer that does not move");
                    }
                    now = until;
                }
                Operation::Drops(total) => discovery.handle_drops(total),
                Operation::Interfaces { .. } => {}
                Operation::Datagram { source, payload, on, .. } => {
                    let datagram = Datagram { interface: on, ..Datagram::new(source, &payload) };
                    discovery.handle_datagram(now, &datagram);
                }
            }
            let events = std::iter::from_fn(|| discovery.poll_event());
            found.extend(events.filter(|event| matches!(event, DiscoveryEvent::Found(_))));
        }
        let outcome = discovery.outcome().expect("ended");
        prop_assert!(outcome.elapsed <= timeout);
        prop_assert_eq!(outcome.servers, found.len());
        prop_assert!(outcome.estimate.is_none_or(|estimate| estimate.unseen.is_finite()));
        prop_assert!(wait != Wait::First || found.len() <= 1);
        let mut addresses: Vec<_> = discovery
            .servers()
            .iter()
            .map(|server| (server.interface, server.this_host, server.address()))
            .collect();
        addresses.sort_unstable();
        addresses.dedup();
        prop_assert_eq!(addresses.len(), found.len());
    }
}
