use super::*;
use crate::Host;

const BEHIND_A_ROUTER: &str = "10.9.0.7:9999";
const HERE: &str = "10.0.1.9:9999";

fn remembering(addresses: &[&str]) -> DiscoveryConfig {
    let remembered = addresses.iter().map(|it| it.parse().expect("an address")).collect();
    DiscoveryConfig { remembered, ..DiscoveryConfig::default() }
}

#[test]
fn remembered_servers_are_called_beside_the_first_two_broadcasts() {
    let mut rig = Rig::new(DiscoveryConfig { wait: Wait::Full, ..remembering(&[BEHIND_A_ROUTER]) });
    rig.run(Duration::from_secs(10));
    let to: SocketAddr = BEHIND_A_ROUTER.parse().expect("an address");
    let at = |is_it: fn(SocketAddr, SocketAddr) -> bool| {
        let calls = rig.sent.iter().filter(move |(_, t)| is_it(t.destination, to));
        calls.map(|(at, _)| *at).collect::<Vec<_>>()
    };
    let (remembered, others) = (at(|called, it| called == it), at(|called, it| called != it));
    assert_eq!(remembered, others[..2]);
}

#[test]
fn a_remembered_server_behind_a_router_settles_as_any_other() {
    let mut rig = Rig::new(remembering(&[BEHIND_A_ROUTER, HERE]));
    let outcome = rig.run_answered(BEHIND_A_ROUTER, Duration::from_millis(2));
    assert_eq!((outcome.ended, outcome.servers), (Ended::Settled, 1));
    assert_eq!(rig.discovery.servers()[0].via, Via::Remembered);
    assert_eq!(rig.discovery.servers()[0].rtt, Some(Duration::from_millis(2)));
    assert!(outcome.elapsed <= Duration::from_millis(1750), "{outcome:?}");
    let address = |text: &str| vec![text.parse::<SocketAddr>().expect("an address")];
    assert_eq!(outcome.remembered.answered, address(BEHIND_A_ROUTER));
    assert_eq!(outcome.remembered.silent, address(HERE), "and nobody waited for it");
    assert_eq!(outcome.estimate.map(|estimate| estimate.unseen), Some(0.0));
    assert!(outcome.silent.is_empty());
}

#[test]
fn one_that_answers_broadcasts_too_settles_as_before() {
    let mut rig = Rig::new(remembering(&[HERE]));
    let outcome = rig.run_answered(HERE, Duration::from_millis(1));
    assert_eq!((outcome.ended, outcome.servers), (Ended::Settled, 1));
    assert!(outcome.elapsed <= Duration::from_millis(1750), "{outcome:?}");
    assert!(outcome.estimate.is_some_and(|estimate| estimate.unseen < 0.1), "{outcome:?}");
}

#[test]
fn who_is_called_by_name_is_not_called_twice() {
    let host = Host { name: "it".into(), addresses: vec![HERE.parse().expect("an address")] };
    let config = DiscoveryConfig { hosts: vec![host], ..remembering(&[HERE, HERE]) };
    let rig = Rig::calling(config, Vec::new());
    assert_eq!(rig.sent.len(), 1);
}

#[test]
fn no_more_are_called_than_a_limit_allows() {
    let many: Vec<String> = (0..200).map(|n| format!("10.9.0.{n}:9999")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let rig = Rig::calling(remembering(&many), Vec::new());
    assert_eq!(rig.sent.len(), limits::REMEMBERED_MAX);
}

#[test]
fn what_is_lost_of_a_remembered_server_tells_of_those_that_broadcasts_find() {
    for host_too in [false, true] {
        let named = Host { name: "it".into(), addresses: vec![HERE.parse().expect("an address")] };
        let hosts = if host_too { vec![named] } else { Vec::new() };
        let mut rig = Rig::new(DiscoveryConfig { hosts, ..remembering(&[HERE]) });
        rig.run(Duration::from_millis(2));
        rig.hear(HERE, b"SERVER_IP:10.0.1.9");
        rig.run(Duration::from_secs(5));
        // Of five rounds it was heard in one: others were probably heard in none.
        let outcome = rig.outcome();
        assert_eq!(outcome.ended, Ended::Deadline, "{outcome:?}");
        assert!(outcome.estimate.is_some_and(|estimate| estimate.unseen > 1.0), "{outcome:?}");
    }
}

#[test]
fn one_on_a_link_without_broadcasts_says_nothing_of_broadcasts() {
    let mut rig = Rig::calling(
        remembering(&[HERE]),
        vec![Target::neighbour(([10, 0, 2, 255], 9999).into(), 3)],
    );
    rig.run(Duration::from_millis(2));
    rig.hear(HERE, b"SERVER_IP:10.0.1.9");
    rig.run(Duration::from_secs(5));
    assert_eq!(rig.outcome().ended, Ended::Settled);
}

#[test]
fn a_link_local_server_is_called_on_its_link_over_ipv6() {
    let rig = Rig::calling(remembering(&["[fe80::7%2]:9999"]), Vec::new());
    let [(_, call)] = &rig.sent[..] else { panic!("one call") };
    assert_eq!(call.destination, "[fe80::7%2]:9999".parse().expect("an address"));
    assert_eq!(call.socket, crate::SocketId::V6);
}
