//! The live view: nobody who lives is told to be gone, and who dies is.

use std::ops::Range;
use std::time::Duration;

use cooee_core::{DiscoveryConfig, PresenceEvent, RateLimit, ResponderConfig};
use cooee_lab::sim::{Handle, Link, Network, Outage, Server, Watcher, for_each_seed};

const TEN_MINUTES: Duration = Duration::from_secs(600);

type Scene = (Network, Handle<Watcher>, Vec<Handle<Server>>);

/// A watcher beside so many servers, on links of this kind.
fn beside(seed: u64, servers: usize, link: &Link) -> Scene {
    let mut network = Network::new(seed);
    let segment = network.segment("10.0.0.0/16".parse().expect("this is a network"));
    let config = ResponderConfig { rate_limit: RateLimit::Off, ..ResponderConfig::default() };
    let mut serve = |_| {
        network.attach(segment, link.clone(), |host| {
            Server::new(config.clone(), host).expect("the default configuration is sound")
        })
    };
    let servers = (0..servers).map(&mut serve).collect();
    let watcher = network.attach(segment, link.clone(), |host| {
        Watcher::new(DiscoveryConfig::default(), host).expect("the configuration is sound")
    });
    (network, watcher, servers)
}

fn nobody_is_gone(seeds: Range<u64>, servers: usize, link: &Link) {
    for_each_seed(seeds, |seed| {
        let (mut network, watcher, _) = beside(seed, servers, link);
        network.advance(TEN_MINUTES);
        let events = network[watcher].events();
        let is_found = |event: &PresenceEvent| matches!(event, PresenceEvent::Found { .. });
        let others: Vec<_> = events.iter().filter(|(_, event)| !is_found(event)).collect();
        assert!(others.is_empty(), "{others:?}");
        assert_eq!(events.len(), servers, "found once each");
    });
}

#[test]
fn with_a_fifth_lost_each_way_nobody_is_gone_in_ten_minutes() {
    nobody_is_gone(0..100, 50, &Link::losing(0.2));
}

#[test]
fn nor_with_a_hundred_other_seeds() {
    nobody_is_gone(100..200, 50, &Link::losing(0.2));
}

#[test]
fn outages_of_four_seconds_are_no_departure() {
    let (lasts, every) = (Duration::from_secs(4), Duration::from_secs(25));
    let outage = Some(Outage { lasts, every, from: Some(lasts) });
    nobody_is_gone(0..20, 5, &Link { outage, ..Link::default() });
}

/// How long after its end each of ten servers out of fifty is told to be gone.
fn departures(seeds: Range<u64>, loss: f64) -> Vec<Duration> {
    let each = for_each_seed(seeds, |seed| {
        let (mut network, watcher, servers) = beside(seed, 50, &Link::losing(loss));
        network.advance(Duration::from_secs(20));
        servers.into_iter().take(10).for_each(|server| network.remove(server));
        network.advance(Duration::from_secs(60));
        let events = network[watcher].events().iter();
        let gone = events.filter(|(_, event)| matches!(event, PresenceEvent::Gone { .. }));
        let gone: Vec<_> = gone.map(|(at, _)| *at - Duration::from_secs(20)).collect();
        assert_eq!(gone.len(), 10, "those that died and nobody else");
        gone
    });
    each.concat()
}

#[test]
fn the_dead_are_gone_within_ten_seconds_and_within_twelve_if_a_fifth_is_lost_each_way() {
    for (loss, within) in [(0.0, 10), (0.2, 12)] {
        let mut after = departures(0..20, loss);
        after.sort_unstable();
        let (first, median, last) = (after[0], after[after.len() / 2], after[after.len() - 1]);
        println!("loss {loss}: gone after {first:.1?}, {median:.1?} and {last:.1?}");
        assert!(first >= Duration::from_secs(4), "{first:?}");
        assert!(last <= Duration::from_secs(within), "{last:?}");
    }
}
