//! IPv6, several networks on one wire, and hosts that are attached to a wire twice.

use std::net::{IpAddr, SocketAddr};

use cooee_core::interface::Interface;
use cooee_lab::sim::{Handle, Link, Network, Segment};

use crate::ear::{Ear, MS, bytes_heard, ear, segment, send, send_from, transmit};

fn segment_of(network: &mut Network, nets: &[&str]) -> Segment {
    network.segment_of(&nets.iter().map(|net| net.parse().unwrap()).collect::<Vec<_>>())
}

fn three(nets: &[&str]) -> (Network, [Handle<Ear>; 3]) {
    let mut network = Network::new(1);
    let segment = segment_of(&mut network, nets);
    let hosts = [(); 3].map(|()| network.attach(segment, Link::default(), ear));
    (network, hosts)
}

fn ip(address: &str) -> IpAddr {
    address.parse().unwrap()
}

fn sources(network: &Network, of: Handle<Ear>) -> Vec<SocketAddr> {
    network[of].heard.iter().map(|&(_, source, ..)| source).collect()
}

#[test]
fn an_interface_lists_the_addresses_of_both_families() {
    let mut network = Network::new(1);
    let segment = segment_of(&mut network, &["2001:db8::/64", "10.0.0.0/24"]);
    network.attach(segment, Link::default(), ear);
    let mut seen: Vec<Interface> = Vec::new();
    let host = network.attach(segment, Link::default(), |host| {
        seen = host.interfaces.to_vec();
        Ear::default()
    });
    let addresses: Vec<_> = seen[0].addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["10.0.0.2/24", "2001:db8::2/64", "fe80::2/64"]);
    assert_eq!(network.address(host).ip(), ip("10.0.0.2"));
    let all: Vec<_> = network.addresses(host).collect();
    assert_eq!(all, [ip("10.0.0.2"), ip("2001:db8::2"), ip("fe80::2")]);
}

#[test]
fn a_unicast_reaches_its_owner_in_either_family() {
    let (mut network, [sender, hearer, other]) = three(&["10.0.0.0/24", "2001:db8::/64"]);
    send(&mut network, sender, "2001:db8::2", 1);
    send(&mut network, sender, "10.0.0.2", 2);
    network.run_until_idle(MS * 10);
    let mut heard = sources(&network, hearer);
    heard.sort_unstable();
    assert_eq!(heard, ["10.0.0.1:9", "[2001:db8::1]:9"].map(|a| a.parse().unwrap()));
    assert!(network[other].heard.is_empty());
}

#[test]
fn ipv6_is_routed_between_segments_and_link_local_addresses_are_not() {
    let mut network = Network::new(1);
    let here = segment_of(&mut network, &["2001:db8:1::/64"]);
    let there = segment_of(&mut network, &["2001:db8:2::/64"]);
    let sender = network.attach(here, Link::default(), ear);
    let away = network.attach(there, Link::default(), ear);
    send(&mut network, sender, "2001:db8:2::1", 1);
    let away_local = network.addresses(away).last().unwrap();
    send_from(&mut network, sender, Some(1), &away_local.to_string(), 2);
    send(&mut network, sender, "2001:db8:3::1", 3);
    network.run_until_idle(MS * 10);
    assert_eq!(bytes_heard(&network, away), [1]);
    assert_eq!(network.traffic(sender).unroutable, 2);
}

#[test]
fn a_link_local_address_needs_an_interface_and_arrives_with_one() {
    let (mut network, [sender, hearer, _]) = three(&["fe80::/64"]);
    send(&mut network, sender, "fe80::2", 1);
    assert_eq!(network.traffic(sender).unroutable, 1);

    let to = "[fe80::2%1]:9".parse().unwrap();
    network.act(sender, |ear, _| ear.sends.push(transmit(to, 2)));
    send_from(&mut network, sender, Some(1), "fe80::2", 3);
    network.run_until_idle(MS * 10);
    let mut heard = bytes_heard(&network, hearer);
    heard.sort_unstable();
    assert_eq!(heard, [2, 3]);
    assert_eq!(sources(&network, hearer), ["[fe80::1%1]:9".parse().unwrap(); 2]);
}

#[test]
fn the_scope_of_a_source_is_the_interface_that_it_arrived_on() {
    let mut network = Network::new(1);
    let first = segment_of(&mut network, &["10.0.0.0/24"]);
    let second = segment_of(&mut network, &["fe80::/64"]);
    let sender = network.attach(second, Link::default(), ear);
    let places = [(first, Link::default()), (second, Link::default())];
    let hearer = network.attach_to_all(&places, ear);
    send(&mut network, sender, "ff02::1", 1);
    network.run_until_idle(MS * 10);
    let SocketAddr::V6(source) = sources(&network, hearer)[0] else { panic!("IPv6 was sent") };
    assert_eq!(source.scope_id(), 2);

    network.act(hearer, |ear, _| ear.sends.push(transmit(source.into(), 2)));
    network.run_until_idle(MS * 10);
    assert_eq!(bytes_heard(&network, sender), [2]);
}

#[test]
fn an_ipv6_multicast_reaches_whoever_has_ipv6_on_the_wire() {
    let mut network = Network::new(1);
    let both = segment_of(&mut network, &["10.0.0.0/24", "2001:db8::/64"]);
    let old = network.segment_beside(both, &["10.9.0.0/24".parse().unwrap()]);
    let [sender, hearer] = [(); 2].map(|()| network.attach(both, Link::default(), ear));
    let without = network.attach(old, Link::default(), ear);
    send(&mut network, sender, "ff02::1", 1);
    send(&mut network, without, "ff02::1", 2);
    network.run_until_idle(MS * 10);
    assert_eq!(bytes_heard(&network, hearer), [1]);
    let sender_local = network.addresses(sender).last().unwrap();
    assert_eq!(
        sources(&network, hearer)[0].ip(),
        sender_local,
        "the link's group, the link's address"
    );
    assert!(network[without].heard.is_empty() && network[sender].heard.is_empty());
    assert_eq!(network.traffic(without).unroutable, 1);
}

#[test]
fn two_networks_on_one_wire_hear_each_others_limited_broadcasts_only() {
    for (to, reaches) in [("255.255.255.255", true), ("10.1.0.255", false), ("10.2.0.255", false)] {
        let mut network = Network::new(1);
        let first = segment(&mut network, "10.1.0.0/24");
        let second = network.segment_beside(first, &["10.2.0.0/24".parse().unwrap()]);
        let sender = network.attach(first, Link::default(), ear);
        let beside = network.attach(first, Link::default(), ear);
        let across = network.attach(second, Link::default(), ear);
        send(&mut network, sender, to, 1);
        network.run_until_idle(MS * 10);
        assert_eq!(network[across].heard.len(), usize::from(reaches), "{to}");
        assert_eq!(network[beside].heard.len(), usize::from(to != "10.2.0.255"), "{to}");
    }
}

#[test]
fn link_local_addresses_are_unique_on_a_wire() {
    let mut network = Network::new(1);
    let first = segment_of(&mut network, &["2001:db8:1::/64"]);
    let second = network.segment_beside(first, &["2001:db8:2::/64".parse().unwrap()]);
    let sender = network.attach(first, Link::default(), ear);
    let across = network.attach(second, Link::default(), ear);
    let to = network.addresses(across).last().unwrap();
    assert_ne!(network.addresses(sender).last().unwrap(), to);
    send_from(&mut network, sender, Some(1), &to.to_string(), 1);
    network.run_until_idle(MS * 10);
    assert_eq!(bytes_heard(&network, across), [1]);
}

#[test]
fn a_host_that_is_attached_twice_hears_a_broadcast_twice_and_not_its_own() {
    let mut network = Network::new(1);
    let wire = segment(&mut network, "10.0.0.0/24");
    let sender = network.attach(wire, Link::default(), ear);
    let twice = network.attach_to_all(&[(wire, Link::default()), (wire, Link::default())], ear);
    send(&mut network, sender, "10.0.0.255", 1);
    network.run_until_idle(MS * 10);
    let mut heard: Vec<_> = network[twice].heard.iter().map(|&(_, _, index, _)| index).collect();
    heard.sort_unstable();
    assert_eq!(heard, [Some(1), Some(2)]);

    send_from(&mut network, twice, Some(1), "10.0.0.255", 2);
    send_from(&mut network, twice, Some(2), "10.0.0.255", 3);
    network.run_until_idle(MS * 10);
    let mut heard = sources(&network, sender);
    heard.sort_unstable();
    assert_eq!(heard, ["10.0.0.2:9", "10.0.0.3:9"].map(|a| a.parse().unwrap()));
    assert_eq!(network[twice].heard.len(), 2);

    send(&mut network, sender, "10.0.0.3", 4);
    network.run_until_idle(MS * 10);
    assert_eq!(network[twice].heard.last().unwrap().2, Some(2));
}

#[test]
fn one_network_on_two_wires_is_two_places() {
    let mut network = Network::new(1);
    let wires = [(); 2].map(|()| segment(&mut network, "192.168.1.0/24"));
    let places = wires.map(|wire| (wire, Link::default()));
    let client = network.attach_to_all(&places, ear);
    let servers = wires.map(|wire| network.attach(wire, Link::default(), ear));
    assert_eq!(network.address(servers[0]), network.address(servers[1]));
    send_from(&mut network, client, Some(2), "192.168.1.2", 2);
    send_from(&mut network, client, Some(1), "192.168.1.2", 1);
    network.run_until_idle(MS * 10);
    assert_eq!(servers.map(|server| bytes_heard(&network, server)), [[1], [2]]);
}

#[test]
fn a_network_of_two_hosts_has_no_broadcast_address() {
    let (mut network, sender, hearer) = {
        let mut network = Network::new(1);
        let wire = segment(&mut network, "10.0.0.0/31");
        let pair = [(); 2].map(|()| network.attach(wire, Link::default(), ear));
        (network, pair[0], pair[1])
    };
    assert_eq!(network.address(sender).ip(), ip("10.0.0.0"));
    send(&mut network, sender, "10.0.0.1", 1);
    send(&mut network, hearer, "10.0.0.0", 2);
    send(&mut network, sender, "255.255.255.255", 3);
    network.run_until_idle(MS * 10);
    assert_eq!(network[hearer].heard.len(), 2);
    assert_eq!(bytes_heard(&network, sender), [2]);
}
