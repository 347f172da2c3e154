use super::*;
use crate::Host;

fn host(name: &str) -> Host {
    Host { name: name.into(), addresses: vec![format!("{name}:9999").parse().expect("an address")] }
}

fn calling(hosts: &[&str]) -> Rig {
    let hosts = hosts.iter().map(|name| host(name)).collect();
    Rig::calling(DiscoveryConfig { hosts, ..DiscoveryConfig::default() }, Vec::new())
}

#[test]
fn a_silent_host_is_unseen_and_named() {
    let mut rig = calling(&["10.9.0.1", "10.9.0.2"]);
    let outcome = rig.run_answered("10.9.0.1:9999", Duration::from_millis(2));
    assert_eq!((outcome.ended, outcome.servers), (Ended::Deadline, 1));
    assert_eq!((outcome.silent, outcome.refused), (vec!["10.9.0.2".to_owned()], vec![]));
    assert!(outcome.estimate.expect("a known denominator").unseen >= 1.0);
}

#[test]
fn a_host_that_refuses_is_resolved_at_once() {
    let mut rig = calling(&["10.9.0.1", "10.9.0.2"]);
    let refused = "10.9.0.2:9999".parse().expect("an address");
    rig.discovery.handle_refusal(rig.now, refused);
    let outcome = rig.run_answered("10.9.0.1:9999", Duration::from_millis(2));
    assert_eq!((outcome.ended, outcome.servers), (Ended::Settled, 1));
    assert_eq!((outcome.silent, outcome.refused), (vec![], vec!["10.9.0.2".to_owned()]));
}

#[test]
fn when_every_host_refuses_nothing_is_waited_for() {
    let mut rig = calling(&["10.9.0.1"]);
    rig.discovery.handle_refusal(rig.now, "10.9.0.1:9999".parse().expect("an address"));
    rig.run(Duration::from_secs(60));
    let outcome = rig.outcome();
    assert_eq!((outcome.ended, outcome.servers), (Ended::Settled, 0));
    assert!(outcome.elapsed < Duration::from_secs(2), "{outcome:?}");
}

#[test]
fn any_address_of_a_host_answers_for_it() {
    let addresses = ["10.9.0.1:9999", "10.9.0.2:9999"].map(|a| a.parse().expect("an address"));
    let hosts = vec![Host { name: "box".into(), addresses: addresses.into() }];
    let config = DiscoveryConfig { hosts, ..DiscoveryConfig::default() };
    let mut rig = Rig::calling(config, Vec::new());
    let called: Vec<_> = rig.sent.iter().map(|(_, t)| t.destination).collect();
    assert_eq!(called, addresses);
    let outcome = rig.run_answered("10.9.0.2:9999", Duration::from_millis(2));
    assert_eq!((outcome.ended, outcome.silent), (Ended::Settled, vec![]));
}

#[test]
fn hosts_have_their_places_before_networks() {
    let hosts = vec![host("10.9.0.1")];
    let targets = (0..2000_u32).map(|n| {
        Target::routed((std::net::Ipv4Addr::from_bits(0x0a00_00ff + (n << 8)), 9999).into())
    });
    let rig =
        Rig::calling(DiscoveryConfig { hosts, ..DiscoveryConfig::default() }, targets.collect());
    assert_eq!(rig.sent.len(), limits::TARGETS_MAX);
    assert!(rig.sent.iter().any(|(_, t)| t.destination == "10.9.0.1:9999".parse().expect("one")));
}

#[test]
fn an_answer_from_one_port_of_an_address_does_not_stand_for_another_that_was_named_too() {
    let host =
        |name: &str| Host { name: name.into(), addresses: vec![name.parse().expect("an address")] };
    let hosts = vec![host("10.9.0.1:9999"), host("10.9.0.1:9998")];
    let mut rig = Rig::calling(DiscoveryConfig { hosts, ..full(1000, 3) }, Vec::new());
    rig.hear("10.9.0.1:9999", b"SERVER_IP:10.9.0.1").expect("a server");
    rig.run(Duration::from_secs(2));
    assert_eq!(rig.outcome().silent, ["10.9.0.1:9998"]);
}

#[test]
fn a_port_that_nobody_named_answers_for_its_address() {
    let mut rig = calling(&["10.9.0.1"]);
    let found = rig.hear("10.9.0.1:4000", b"SERVER_IP:10.9.0.1").expect("a server");
    assert_eq!(found.via, Via::Host);
    rig.discovery.stop(rig.now);
    assert_eq!(rig.outcome().silent, Vec::<String>::new());
}
