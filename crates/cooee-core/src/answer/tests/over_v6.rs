//! Probes over IPv6.

use super::*;
use crate::wire::Families;

const GROUP: &str = "ff12::c00e:270f";

/// A host that has one link-local address on both links.
fn twice() -> Vec<Interface> {
    let eth = |index, name, own: &[&str]| interface(index, name, LinkKind::Broadcast, own);
    vec![
        eth(ETH0, "eth0", &["10.0.1.2/24", "10.0.7.2/24", "fe80::2/64", "2001:db8::2/64"]),
        eth(ETH1, "eth1", &["10.0.2.2/24", "fe80::2/64", "fd00::2/64"]),
    ]
}

fn on(interfaces: &[Interface], config: ResponderConfig) -> Rig {
    let mut rig = Rig::new(config);
    rig.responder.handle_interfaces(interfaces);
    rig
}

#[test]
fn the_address_and_its_neighbours_are_those_of_the_link_that_asks() {
    let mut rig = on(&twice(), ResponderConfig::default());
    for (source, to, link, says, from) in [
        ("[fe80::9%2]:4000", GROUP, ETH0, "[fe80::2] 10.0.1.2 10.0.7.2", "fe80::2"),
        ("[fe80::9%3]:4000", GROUP, ETH1, "[fe80::2] 10.0.2.2", "fe80::2"),
        ("[fe80::9%3]:4000", "fe80::2", ETH1, "[fe80::2] 10.0.2.2", "fe80::2"),
        ("[2001:db8::9]:4000", GROUP, ETH0, "[2001:db8::2] 10.0.1.2 10.0.7.2", "2001:db8::2"),
        ("[fd00::9]:4000", "fd00::2", ETH1, "[fd00::2] 10.0.2.2", "fd00::2"),
    ] {
        let answer = rig.probe(source, to, link);
        let socket = answer.as_ref().map(|transmit| transmit.socket);
        assert_eq!(socket, Some(SocketId::V6), "{source}");
        answered(answer, says, from, Some(link));
    }
}

#[test]
fn sources_over_ipv6_are_a_policy_too() {
    let sources = ["[2001:db8:7::9]:4000", "[fd77::9]:4000", "[2001:db8::9]:4000", "[fe80::9%2]:1"];
    for (policy, answered) in [
        (AnswerPolicy::Any, [true, true, true, true]),
        (AnswerPolicy::Private, [false, true, true, true]),
        (AnswerPolicy::OnLink, [false, false, true, true]),
    ] {
        let mut rig = on(&twice(), ResponderConfig { policy, ..ResponderConfig::default() });
        for (source, answered) in sources.iter().zip(answered) {
            let answer = rig.probe(source, "2001:db8::2", ETH0);
            assert_eq!(answer.is_some(), answered, "{policy:?} {source}");
        }
    }
}

#[test]
fn probes_of_one_source_on_two_links_are_no_copies() {
    assert_eq!(answered_twice(&twice()), [true, true]);
}

#[test]
fn a_probe_that_arrives_by_two_interfaces_of_one_network_is_answered_once() {
    let mut interfaces = twice();
    interfaces[1].addresses.push("10.0.1.3/24".parse().expect("a network"));
    assert_eq!(answered_twice(&interfaces), [true, false]);
}

/// Whether a probe is answered when it arrives on `eth0`, and then on `eth1`.
fn answered_twice(interfaces: &[Interface]) -> [bool; 2] {
    let mut rig = on(interfaces, ResponderConfig::default());
    let mut ask = |source: &str, link| {
        let datagram = Datagram {
            interface: Some(link),
            destination: GROUP.parse().ok(),
            ..Datagram::new(source.parse().expect("a source"), b"DISCOVER_SERVER")
        };
        rig.responder.handle_datagram(rig.now, &datagram);
        rig.resolve();
        rig.responder.poll_transmit().is_some()
    };
    [ask("[fe80::9%2]:4000", ETH0), ask("[fe80::9%3]:4000", ETH1)]
}

#[test]
fn a_family_that_is_not_used_is_not_answered() {
    for (families, v4, v6) in
        [(Families::V4, true, false), (Families::V6, false, true), (Families::Both, true, true)]
    {
        let mut rig = on(&twice(), ResponderConfig { families, ..ResponderConfig::default() });
        assert_eq!(rig.probe("10.0.1.9:4000", "10.0.1.255", ETH0).is_some(), v4, "{families:?}");
        assert_eq!(rig.probe("[fe80::9%2]:4000", GROUP, ETH0).is_some(), v6, "{families:?}");
    }
}

#[test]
fn an_advertised_address_is_named_as_it_is() {
    let advertise = |address: &str| {
        let advertise = Advertise::Address(address.parse().expect("an address"));
        on(&twice(), ResponderConfig { advertise, ..ResponderConfig::default() })
    };
    let mut rig = advertise("192.0.2.7");
    answered(rig.probe("[fe80::9%2]:4000", GROUP, ETH0), "192.0.2.7", "fe80::2", Some(ETH0));
    let mut rig = advertise("2001:db8::77");
    answered(rig.probe("[fe80::9%2]:4000", GROUP, ETH0), "[2001:db8::77]", "fe80::2", Some(ETH0));
    assert_eq!(rig.probe("10.0.1.9:4000", "10.0.1.255", ETH0), None, "stock reads no IPv6");
    assert_eq!(rig.responder.counters().refused(ProbeRefusal::Unnameable), 1);
}

#[test]
fn only_what_can_be_connected_to_is_named() {
    let config = || ResponderConfig {
        service_port: Some(8001),
        listener: ListenerRule::OnPort,
        ..ResponderConfig::default()
    };
    for (bound, says) in [
        ("::", Some("[fe80::2]:8001 10.0.1.2 10.0.7.2")),
        ("fe80::2", Some("[fe80::2]:8001")),
        ("0.0.0.0", None),
        ("10.0.1.2", None),
    ] {
        let mut rig = on(&twice(), config());
        let answer = rig.probe_with("[fe80::9%2]:4000", GROUP, ETH0, &[bound]);
        let payload = answer.map(|transmit| transmit.payload);
        assert_eq!(payload, says.map(|says| format!("SERVER_IP:{says}").into()), "{bound}");
    }
}

#[test]
fn a_full_send_buffer_of_one_family_does_not_hold_up_the_other() {
    let mut rig = on(&twice(), ResponderConfig::default());
    rig.responder.handle_send_room(SocketId::V6, 900, 1000);
    let mut ask = |source: &str, link| {
        let source: SocketAddr = source.parse().expect("a source");
        let datagram =
            Datagram { interface: Some(link), ..Datagram::new(source, b"DISCOVER_SERVER") };
        rig.responder.handle_datagram(rig.now, &datagram);
        while let Some(event) = rig.responder.poll_event() {
            if let ResponderEvent::NeighbourWanted { asker, interface } = event {
                let state = NeighbourState::Unresolved;
                rig.responder.handle_neighbour(rig.now, asker, interface, state);
            }
        }
        rig.responder.poll_transmit().is_some()
    };
    assert!(!ask("[fe80::9%2]:4000", ETH0));
    assert!(ask("10.0.1.9:4000", ETH0));
}
