//! Hosts that send late.

use std::time::Duration;

use cooee_core::{DiscoveryConfig, ResponderConfig, Wait};
use cooee_lab::sim::{Client, Link, Network, Server};

use crate::ear::{MS, bytes_heard, pair, segment, send};

#[test]
fn what_a_late_host_sends_takes_as_long_as_was_said() {
    let (mut network, sender, hearer) = pair(1, Link { delay: MS..MS, ..Link::default() });
    network.delay_sending(sender, MS * 600..MS * 1200);
    let start = network.now();
    for byte in 0..200 {
        send(&mut network, sender, "10.0.0.2", byte);
    }
    assert!(network.run_until_idle(MS * 2000));
    let took: Vec<_> = network[hearer].heard.iter().map(|&(at, ..)| at - start).collect();
    assert_eq!(took.len(), 200);
    assert!(took.iter().all(|took| (MS * 601..MS * 1201).contains(took)), "{took:?}");
    assert!(took[0] < MS * 620 && took[199] > MS * 1180, "they fill the range: {took:?}");
}

#[test]
fn a_fixed_delay_keeps_the_order() {
    let (mut network, sender, hearer) = pair(1, Link { delay: MS..MS, ..Link::default() });
    network.delay_sending(sender, MS * 600..MS * 600);
    for byte in 0..100 {
        send(&mut network, sender, "10.0.0.2", byte);
    }
    network.advance(MS * 600);
    assert!(network[hearer].heard.is_empty());
    network.advance(MS);
    assert_eq!(bytes_heard(&network, hearer), (0..100).collect::<Vec<u8>>());
}

#[test]
fn a_server_that_is_removed_meanwhile_does_not_answer() {
    let (mut network, sender, hearer) = pair(1, Link::default());
    network.delay_sending(sender, MS * 600..MS * 600);
    send(&mut network, sender, "10.0.0.2", 1);
    network.remove(sender);
    network.run_until_idle(MS * 2000);
    assert!(network[hearer].heard.is_empty());
}

#[test]
fn a_late_server_is_found_late() {
    let mut network = Network::new(1);
    let segment = segment(&mut network, "10.0.0.0/24");
    let server = network.attach(segment, Link::default(), |host| {
        Server::new(ResponderConfig::default(), host).unwrap()
    });
    network.delay_sending(server, MS * 800..MS * 800);
    let client = network.attach(segment, Link::default(), |host| {
        let config = DiscoveryConfig {
            wait: Wait::First,
            timeout: Some(Duration::from_secs(5)),
            ..DiscoveryConfig::default()
        };
        Client::new(config, host).unwrap()
    });
    assert!(network.run_while(|network| network[client].found().is_empty()));
    assert!((MS * 800..MS * 804).contains(&network.elapsed()), "{:?}", network.elapsed());
}
