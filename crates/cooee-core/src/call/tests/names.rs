use super::*;
use crate::Host;
use crate::wire::Families;

fn named(names: &[&str]) -> DiscoveryConfig {
    let host = |name: &&str| Host { name: (*name).into(), addresses: Vec::new() };
    DiscoveryConfig { hosts: names.iter().map(host).collect(), ..DiscoveryConfig::default() }
}

fn addresses(of: &[&str]) -> Result<Vec<SocketAddr>, String> {
    Ok(of.iter().map(|address| address.parse().expect("an address")).collect())
}

const ADDRESS: &str = "10.9.0.7:9999";

#[test]
fn a_host_is_called_at_every_address_once_its_name_is_resolved() {
    let mut rig = Rig::new(named(&["workshop"]));
    assert_eq!(rig.sent.len(), 1, "the broadcast does not wait");
    rig.run(Duration::from_millis(40));
    let two = addresses(&[ADDRESS, "10.9.0.8:9999", "[fd00::8]:9999"]);
    rig.discovery.handle_resolved(rig.now, "workshop", two);
    rig.step();
    let called: Vec<_> = rig.sent[1..].iter().map(|(_, t)| t.destination.to_string()).collect();
    assert_eq!(called, [ADDRESS, "10.9.0.8:9999", "[fd00::8]:9999"]);
    rig.run(Duration::from_millis(43));
    let found = rig.hear(ADDRESS, b"SERVER_IP:10.9.0.7").expect("a server");
    assert_eq!((found.via, found.rtt), (Via::Host, Some(Duration::from_millis(3))));
    rig.run(Duration::from_secs(10));
    assert_eq!(rig.outcome().silent, [""; 0]);
    assert!(rig.outcome().unresolved.is_empty());
}

#[test]
fn a_name_that_does_not_resolve_is_told_and_delays_nothing() {
    let mut rig = Rig::new(named(&["nowhere"]));
    let why = "Name or service not known".to_owned();
    rig.discovery.handle_resolved(rig.now, "nowhere", Err(why.clone()));
    let outcome = rig.run_answered("10.0.1.7:9999", Duration::from_millis(1));
    assert_eq!(outcome.ended, Ended::Settled);
    assert!(outcome.elapsed < Duration::from_millis(1750), "{outcome:?}");
    assert_eq!(outcome.silent, [""; 0], "it was not asked");
    assert_eq!(outcome.unresolved.len(), 1);
    assert_eq!((&*outcome.unresolved[0].host, &outcome.unresolved[0].why), ("nowhere", &why));
}

#[test]
fn an_address_of_another_family_is_no_address() {
    let families = Families::V4;
    let mut rig = Rig::new(DiscoveryConfig { families, ..named(&["six"]) });
    rig.discovery.handle_resolved(rig.now, "six", addresses(&["[fd00::8]:9999"]));
    rig.run(Duration::from_secs(10));
    assert!(
        rig.outcome().unresolved[0].why.contains("no address of a family"),
        "{:?}",
        rig.outcome()
    );
}

#[test]
fn while_no_name_server_answers_it_goes_on_until_the_deadline_and_no_longer() {
    let mut rig = Rig::new(named(&["slow"]));
    let outcome = rig.run_answered("10.0.1.7:9999", Duration::from_millis(1));
    assert_eq!((outcome.ended, outcome.elapsed), (Ended::Deadline, DiscoveryConfig::TIMEOUT));
    assert_eq!(outcome.servers, 1);
    assert!(outcome.unresolved[0].why.contains("in time"), "{outcome:?}");
    rig.discovery.handle_resolved(rig.now, "slow", addresses(&[ADDRESS]));
    assert_eq!(rig.outcome(), outcome, "too late");
}

#[test]
fn a_resolved_host_that_refuses_is_told_as_any_other() {
    let mut rig = Rig::calling(named(&["workshop"]), Vec::new());
    rig.discovery.handle_resolved(rig.now, "workshop", addresses(&[ADDRESS]));
    rig.step();
    rig.discovery.handle_refusal(rig.now, ADDRESS.parse().expect("an address"));
    rig.run(Duration::from_secs(10));
    assert_eq!(
        (rig.outcome().ended, rig.outcome().refused),
        (Ended::Settled, vec!["workshop".into()])
    );
}

#[test]
fn more_names_than_a_limit_are_refused() {
    let names = vec!["x"; limits::NAMES_MAX + 1];
    let error = DiscoveryEngine::new(named(&names), vec![], &[], 1, Instant::now());
    let count = names.len();
    assert_eq!(error.map(drop), Err(ConfigError::TooManyNames { count }));
}
