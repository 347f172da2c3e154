//! A responder under a flood of forged probes goes on answering honest ones.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use cooee_core::wire::Query;
use cooee_core::wire::classic::Classic;
use cooee_core::{DiscoveryConfig, Ended, ProbeRefusal, ResponderConfig};
use cooee_lab::sim::{Client, Flood, Handle, Link, Network, Server, for_each_seed};

/// One server under a flood of forged probes, and a client that looks for it after `lead`.
fn flooded(
    seed: u64,
    per_second: u32,
    lead: Duration,
    config: DiscoveryConfig,
) -> (Network, Handle<Server>, Handle<Client>) {
    let mut network = Network::new(seed);
    let segment = network.segment("10.0.0.0/16".parse().unwrap());
    let server = network.attach(segment, Link::default(), |host| {
        Server::new(ResponderConfig::default(), host).unwrap()
    });
    let target = network.address(server);
    let forged = "10.64.0.0/10".parse().unwrap();
    network.attach(segment, Link::default(), |host| {
        Flood::new(
            target,
            Classic::default().encode_query(Query::Discover),
            forged,
            per_second,
            host,
        )
    });
    network.advance(lead);
    let client =
        network.attach(segment, Link::default(), |host| Client::new(config, host).unwrap());
    network.run_while(|network| network[client].discovery().outcome().is_none());
    (network, server, client)
}

#[test]
fn forged_sources_up_to_the_total_rate_do_not_keep_anyone_from_being_answered() {
    for_each_seed(0..3, |seed| {
        let lead = Duration::from_secs(3);
        let (network, server, client) = flooded(seed, 50_000, lead, DiscoveryConfig::default());
        let outcome = network[client].discovery().outcome().unwrap();
        assert_eq!((outcome.servers, outcome.ended, outcome.rounds), (1, Ended::Settled, 4));
        // In every second round everybody is called by two addresses.
        assert_eq!(outcome.answers, 6, "every probe was answered");
        let counters = network[server].responder().counters();
        assert_eq!(counters.refused(ProbeRefusal::TotalRate), 0);
        assert!(counters.answered > 150_000);
    });
}

#[test]
fn forged_sources_beyond_the_total_rate_cost_their_share() {
    let (lead, timeout) = (Duration::from_millis(300), Duration::from_millis(400));
    let found = for_each_seed(0..3, |seed| {
        let config =
            DiscoveryConfig { timeout: Some(timeout), retries: 7, ..DiscoveryConfig::default() };
        let (network, server, client) = flooded(seed, 2_000_000, lead, config);
        let counters = network[server].responder().counters();
        assert!(counters.refused(ProbeRefusal::TotalRate) > 0);
        network[client].discovery().servers().len()
    });
    assert_eq!(found, [1; 3], "half of the probes are answered; of eight, one suffices");
}
