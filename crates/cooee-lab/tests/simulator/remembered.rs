//! Servers that are remembered, and one that is new, where half of all datagrams get lost.

use cooee_core::{DiscoveryConfig, Ended, ResponderConfig};
use cooee_lab::sim::{Client, Link, Network, Server, for_each_seed};

#[test]
fn a_new_server_is_not_given_up_for_those_that_are_remembered() {
    const SERVERS: usize = 4;
    let runs = for_each_seed(0..200, |seed| {
        let mut network = Network::new(seed);
        let segment = network.segment("10.0.0.0/24".parse().unwrap());
        let link = Link::losing(0.5);
        let servers: Vec<_> = (0..SERVERS)
            .map(|_| {
                let server = network.attach(segment, link.clone(), |host| {
                    Server::new(ResponderConfig::default(), host).unwrap()
                });
                network.address(server)
            })
            .collect();
        let remembered = servers[1..].to_vec();
        let client = network.attach(segment, link, |host| {
            Client::new(DiscoveryConfig { remembered, ..Default::default() }, host).unwrap()
        });
        assert!(network.run_while(|network| network[client].discovery().outcome().is_none()));
        let discovery = network[client].discovery();
        let has_new = discovery.servers().iter().any(|it| it.source.ip() == servers[0].ip());
        (discovery.outcome().unwrap(), has_new)
    });
    let given_up = runs.iter().filter(|(outcome, has_new)| {
        let is_sure = outcome.estimate.is_some_and(|estimate| estimate.unseen < 0.1);
        !has_new && (outcome.ended == Ended::Settled || is_sure)
    });
    let given_up = given_up.count();
    assert!(given_up <= 10, "{given_up} of {} ended without it, and sure", runs.len());
}
