//! Servers of both families: one row each.

use std::net::IpAddr;

use cooee_core::{DiscoveryConfig, RateLimit, ResponderConfig, Wait};
use cooee_lab::sim::{Arp, Client, Handle, Link, Network, Server, for_each_seed};
use ipnet::IpNet;

fn attach(
    network: &mut Network,
    nets: &[&str],
    servers: usize,
    link: &Link,
    wait: Wait,
) -> Handle<Client> {
    let nets: Vec<IpNet> = nets.iter().map(|net| net.parse().unwrap()).collect();
    let segment = network.segment_of(&nets);
    for _ in 0..servers {
        network.attach(segment, link.clone(), |host| {
            let rate_limit = RateLimit::Off;
            Server::new(ResponderConfig { rate_limit, ..Default::default() }, host).unwrap()
        });
    }
    let config = DiscoveryConfig { wait, ..DiscoveryConfig::default() };
    network.attach(segment, link.clone(), |host| {
        Client::over_both(config, host).unwrap().reading_neighbours()
    })
}

fn run(
    seed: u64,
    nets: &[&str],
    servers: usize,
    link: &Link,
    firewall: bool,
) -> (Network, Handle<Client>) {
    let mut network = Network::new(seed).with_arp(Arp::default());
    let client = attach(&mut network, nets, servers, link, Wait::Settled);
    if firewall {
        network.set_firewall(client);
    }
    assert!(network.run_while(|network| network[client].discovery().outcome().is_none()));
    (network, client)
}

const BOTH: [&str; 2] = ["10.0.0.0/16", "fe80::/64"];

#[test]
fn a_server_of_both_families_is_one_row_and_is_told_of_once() {
    for (servers, loss, firewall) in
        [(1, 0.0, false), (5, 0.2, false), (200, 0.0, false), (200, 0.2, false), (5, 0.0, true)]
    {
        let seeds = if servers == 200 { 0..3 } else { 0..40 };
        let found = for_each_seed(seeds, |seed| {
            let (network, client) = run(seed, &BOTH, servers, &Link::losing(loss), firewall);
            let discovery = network[client].discovery();
            let rows = discovery.servers();
            assert!(rows.len() <= servers, "{} rows for {servers}", rows.len());
            assert_eq!(network[client].found().len(), rows.len(), "each is told of once");
            for row in rows {
                assert!(row.other_addresses.len() <= 1, "{row:?}");
                let is_v4 = |ip: &IpAddr| ip.is_ipv4();
                let heard_over_both = row.other_addresses.len() == 1;
                assert!(!heard_over_both || is_v4(&row.ip) && !is_v4(&row.other_addresses[0]));
                assert!(loss > 0.0 || firewall || heard_over_both, "{row:?}");
            }
            let outcome = discovery.outcome().unwrap();
            assert_eq!(outcome.doubled, [] as [IpAddr; 0], "{outcome:?}");
            assert!(!outcome.drops_answers || firewall);
            rows.len()
        });
        let (all, sum) = (servers * found.len(), found.iter().sum::<usize>());
        assert!(sum as f64 >= all as f64 * 0.97, "{sum} of {all} at {loss}");
    }
}

#[test]
fn without_ipv4_each_server_is_found_at_its_link_local_address() {
    for_each_seed(0..5, |seed| {
        let (network, client) = run(seed, &["fe80::/64"], 5, &Link::default(), false);
        let rows = network[client].discovery().servers();
        assert_eq!(rows.len(), 5);
        assert!(rows.iter().all(|row| row.ip.is_ipv6() && row.other_addresses.is_empty()));
        assert_eq!(network[client].found().len(), 5);
    });
}

#[test]
fn a_firewall_that_drops_both_families_leaves_one_row_each_too() {
    for_each_seed(0..10, |seed| {
        let (network, client) = run(seed, &BOTH, 20, &Link::default(), true);
        let outcome = network[client].discovery().outcome().unwrap();
        assert_eq!((outcome.servers, outcome.drops_answers), (20, true), "{outcome:?}");
        assert!(network[client].calls().values().all(|calls| *calls <= 2));
    });
}
