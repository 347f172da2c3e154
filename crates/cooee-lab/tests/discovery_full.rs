//! `Wait::Full` on links that lose a fifth each way, and what one probe alone finds there.

use std::time::Duration;

use cooee_core::{Ended, ResponderConfig, Wait};
use cooee_lab::sim::{Link, Network, Server, StockClient, Summary, Trial, for_each_seed};

const LOSS: f64 = 0.2;

#[test]
fn a_thousand_servers_are_found() {
    let trial = Trial::new(1000, LOSS, Wait::Full);
    let runs = for_each_seed(0..200, |seed| trial.run(seed));
    assert!(runs.iter().all(|run| run.outcome.ended == Ended::Deadline));
    let summary = Summary::of(&runs);
    assert!(summary.found >= 0.995, "{summary:?}");
}

#[test]
fn ten_thousand_servers_are_found() {
    let summary = Summary::over(0..3, &Trial::new(10_000, LOSS, Wait::Full));
    assert!(summary.found >= 0.995, "{summary:?}");
}

#[test]
fn one_probe_finds_less_than_two_thirds() {
    let found = for_each_seed(0..20, |seed| {
        let mut network = Network::new(seed);
        let segment = network.segment("10.0.0.0/16".parse().unwrap());
        for _ in 0..1000 {
            network.attach(segment, Link::losing(LOSS), |host| {
                Server::new(ResponderConfig::default(), host).unwrap()
            });
        }
        let client = network.attach(segment, Link::losing(LOSS), |host| {
            StockClient::new(Duration::from_secs(3), host)
        });
        assert!(network.run_until_idle(Duration::from_secs(10)));
        network[client].found().len() as f64 / 1000.0
    });
    let mean = found.iter().sum::<f64>() / found.len() as f64;
    assert!((mean - 0.64).abs() < 0.04, "{mean}");
}
