//! What random operations have found to be wrong.

use super::*;
use crate::Host;

fn host(addresses: &[&str]) -> Host {
    let addresses = addresses.iter().map(|a| a.parse().expect("an address")).collect();
    Host { name: "printer".into(), addresses }
}

fn sweep(net: &str) -> Vec<IpNet> {
    vec![net.parse().expect("a network")]
}

#[test]
fn a_sweep_that_hears_nobody_takes_the_whole_timeout() {
    let config = DiscoveryConfig { sweep: sweep("10.9.0.0/29"), ..DiscoveryConfig::default() };
    let mut rig = Rig::calling_from(config, vec![], "10.0.1.1/32");
    assert_eq!(rig.run(Duration::from_secs(60)), Duration::from_secs(5));
    assert_eq!(rig.outcome().ended, Ended::Deadline);
}

#[test]
fn a_refusal_does_not_cut_short_the_wait_for_others() {
    let hosts = vec![host(&["10.9.0.1:9999"])];
    let mut rig = Rig::new(DiscoveryConfig { hosts, ..DiscoveryConfig::default() });
    let mut round = 0;
    while rig.discovery.outcome().is_none() {
        if rig.sent.len() > 2 * round {
            round += 1;
            rig.now += Duration::from_millis(1);
            rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
            if round == 4 {
                rig.discovery.handle_refusal(rig.now, ([10, 9, 0, 1], 9999).into());
            }
        }
        let next = rig.discovery.poll_timeout().expect("not over");
        rig.run(next.saturating_duration_since(rig.start));
    }
    assert_eq!(rig.outcome().ended, Ended::Settled);
    assert!(rig.outcome().elapsed >= Duration::from_millis(1500), "{:?}", rig.outcome());
    assert_eq!(rig.outcome().refused, ["printer"]);
}

#[test]
fn a_refusal_ends_it_where_nobody_else_is_called() {
    let hosts = vec![host(&["10.9.0.1:9999"])];
    let config = DiscoveryConfig { hosts, ..DiscoveryConfig::default() };
    let mut rig = Rig::calling_from(config, vec![], "10.0.1.1/32");
    rig.discovery.handle_refusal(rig.now, ([10, 9, 0, 1], 9999).into());
    assert_eq!(rig.run(Duration::from_secs(60)), Duration::ZERO);
    assert_eq!(
        (rig.outcome().ended, rig.outcome().estimate.map(|e| e.unseen)),
        (Ended::Settled, Some(0.0))
    );
}

#[test]
fn a_host_has_refused_when_every_address_that_is_called_has() {
    let hosts = vec![host(&["[2001:db8::1]:9999", "10.9.0.1:9999"])];
    let families = Families::V4;
    let mut rig = Rig::new(DiscoveryConfig { hosts, families, ..full(1000, 3) });
    rig.discovery.handle_refusal(rig.now, ([10, 9, 0, 1], 9999).into());
    rig.run(Duration::from_secs(60));
    assert_eq!(rig.outcome().refused, ["printer"]);
    assert_eq!(rig.outcome().silent, Vec::<String>::new());
}

#[test]
fn a_sweep_that_is_through_early_keeps_the_promised_rounds() {
    let config = DiscoveryConfig {
        sweep: sweep("10.0.0.0/20"),
        retries: 100,
        wait: Wait::Full,
        ..DiscoveryConfig::default()
    };
    let target = Target::routed(([10, 0, 15, 255], 9999).into());
    let mut rig = Rig::calling_from(config, vec![target], "10.0.0.1/20");
    while let Some(next) = rig.discovery.poll_timeout() {
        if rig.discovery.wants_neighbours(next) {
            rig.discovery.handle_neighbours(next, NeighbourRoom { waiting: 0, free: 4096 });
        }
        rig.run(next - rig.start);
    }
    let swept = rig.outcome().swept.expect("a sweep");
    assert!(rig.outcome().elapsed < swept.pass_takes, "{:?}", rig.outcome());
    assert!(rig.outcome().rounds > 100, "{:?}", rig.outcome());
}

#[test]
fn an_address_whose_probe_was_handed_back_was_not_called() {
    let mut rig = Rig::new(DiscoveryConfig { sweep: sweep("10.9.0.0/30"), ..full(5000, 3) });
    rig.now += Duration::from_millis(50);
    rig.discovery.handle_timeout(rig.now);
    rig.drain();
    let last = rig.sent.pop().expect("a probe").1;
    assert_eq!(last.destination, ([10, 9, 0, 2], 9999).into());
    rig.discovery.handle_unsent(rig.now, &last, Unsent::NoRoom);
    assert_eq!(rig.discovery.swept().map(|swept| (swept.called, swept.of)), Some((1, 2)));
    rig.run(Duration::from_millis(100));
    assert_eq!(rig.discovery.swept().map(|swept| swept.called), Some(2));
}
