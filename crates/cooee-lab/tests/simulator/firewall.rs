//! A client whose firewall drops answers to broadcasts, and which reads its neighbour table.

use std::time::Duration;

use cooee_core::{DiscoveryConfig, Outcome, RateLimit, ResponderConfig, Wait, limits};
use cooee_lab::sim::{Arp, Client, Link, Network, Server, for_each_seed};

struct Case {
    servers: usize,
    loss: f64,
    firewall: bool,
    reads_neighbours: bool,
    wait: Wait,
}

impl Case {
    fn new(servers: usize, loss: f64) -> Self {
        Self { servers, loss, firewall: true, reads_neighbours: true, wait: Wait::Settled }
    }

    fn run(&self, seed: u64) -> Seen {
        let mut network = Network::new(seed).with_arp(Arp::default());
        let segment = network.segment("10.0.0.0/16".parse().unwrap());
        let link = Link::losing(self.loss);
        for _ in 0..self.servers {
            network.attach(segment, link.clone(), |host| {
                let rate_limit = RateLimit::Off;
                Server::new(ResponderConfig { rate_limit, ..Default::default() }, host).unwrap()
            });
        }
        let config = DiscoveryConfig { wait: self.wait, ..DiscoveryConfig::default() };
        let client = network.attach(segment, link, |host| {
            let client = Client::new(config, host).unwrap();
            if self.reads_neighbours { client.reading_neighbours() } else { client }
        });
        if self.firewall {
            network.set_firewall(client);
        }
        assert!(network.run_while(|network| network[client].discovery().outcome().is_none()));
        let node = &network[client];
        let outcome = node.discovery().outcome().unwrap();
        let (calls, most) =
            (node.calls().values().sum::<u32>(), node.calls().values().max().copied());
        assert!(calls as usize <= limits::NEIGHBOUR_CALLS_MAX, "seed {seed}: {calls} calls");
        assert!(most.unwrap_or_default() <= 2, "seed {seed}: one was called more often");
        assert!(!outcome.drops_answers || self.firewall, "seed {seed}: {outcome:?}");
        assert_eq!(node.found().len(), outcome.servers, "each is told of once");
        let filtered = network.traffic(client).filtered;
        Seen { calls: calls as usize, outcome, filtered }
    }
}

struct Seen {
    calls: usize,
    outcome: Outcome,
    filtered: u64,
}

#[test]
fn behind_a_firewall_broadcasts_alone_find_nobody() {
    for_each_seed(0..5, |seed| {
        let case = Case { reads_neighbours: false, ..Case::new(5, 0.0) };
        let seen = case.run(seed);
        assert_eq!(seen.outcome.servers, 0);
        assert!(seen.filtered >= 5 * 4, "{} answers were dropped", seen.filtered);
    });
}

#[test]
fn behind_a_firewall_all_are_found_by_few_calls() {
    for servers in [1, 5, 200] {
        for_each_seed(0..5, |seed| {
            let Seen { calls, outcome, .. } = Case::new(servers, 0.0).run(seed);
            assert_eq!((outcome.servers, outcome.behind_firewall), (servers, servers));
            assert_eq!(outcome.drops_answers, servers > 1, "{servers}, {seed}: {outcome:?}");
            assert!(calls <= servers + servers / 10 + 1, "{calls} calls for {servers}");
            assert!(outcome.estimate.unwrap().unseen < 0.1);
            assert!(outcome.elapsed < Duration::from_secs(3), "{outcome:?}");
        });
    }
}

#[test]
fn behind_a_firewall_and_with_loss_hardly_any_are_missed() {
    // Requests for link addresses get lost too, so that some cannot answer for a second or more.
    for (servers, loss, least) in
        [(1, 0.1, 0.97), (5, 0.1, 0.97), (200, 0.1, 0.97), (5, 0.3, 0.85), (200, 0.3, 0.9)]
    {
        let seeds = if servers == 200 { 0..4 } else { 0..40 };
        let runs = for_each_seed(seeds, |seed| Case::new(servers, loss).run(seed).outcome);
        let found: usize = runs.iter().map(|outcome| outcome.servers).sum();
        let all = servers * runs.len();
        assert!(found as f64 >= all as f64 * least, "{found} of {all} at {loss}");
    }
}

#[test]
fn more_than_may_be_called_are_known_to_be_missing() {
    for_each_seed(0..2, |seed| {
        let Seen { calls, outcome, .. } = Case::new(1000, 0.0).run(seed);
        let missing = (1000 - outcome.servers) as f64;
        assert!(calls <= limits::NEIGHBOUR_CALLS_MAX && missing > 700.0, "{calls}: {outcome:?}");
        let unseen = outcome.estimate.unwrap().unseen;
        assert!((unseen - missing).abs() < missing / 10.0, "{unseen} of {missing}");
    });
}

#[test]
fn without_a_firewall_loss_accuses_none() {
    for (servers, loss, least) in [
        (1, 0.0, 1.0),
        (1, 0.2, 0.95),
        (5, 0.2, 0.93),
        (2, 0.4, 0.75),
        (200, 0.2, 0.97),
        (1000, 0.2, 0.97),
    ] {
        let seeds = if servers >= 200 { 0..2 } else { 0..200 };
        let runs = for_each_seed(seeds, |seed| {
            Case { firewall: false, ..Case::new(servers, loss) }.run(seed).outcome
        });
        let found: usize = runs.iter().map(|outcome| outcome.servers).sum();
        let all = servers * runs.len();
        assert!(found as f64 >= all as f64 * least, "{found} of {all} at {loss}");
    }
}
