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
