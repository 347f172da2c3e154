//! Link addresses that have to be asked for, and the datagrams that wait meanwhile.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use cooee_lab::sim::{Arp, Handle, Link, Network, for_each_seed};

use crate::ear::{Ear, MS, bytes_heard, ear, segment, send, transmit};

const NOBODY: &str = "10.0.0.99";

/// Hosts `10.0.0.1` and on, of one network, whose links take 1 ms.
fn hosts<const N: usize>(arp: Arp, links: [Link; N]) -> (Network, [Handle<Ear>; N]) {
    let mut network = Network::new(1).with_arp(arp);
    let segment = segment(&mut network, "10.0.0.0/24");
    let hosts = links.map(|link| network.attach(segment, Link { delay: MS..MS, ..link }, ear));
    (network, hosts)
}

fn pair() -> (Network, Handle<Ear>, Handle<Ear>) {
    let (network, [a, b]) = hosts(Arp::default(), [Link::default(), Link::default()]);
    (network, a, b)
}

fn times(network: &Network, of: Handle<Ear>, start: Instant) -> Vec<Duration> {
    network[of].heard.iter().map(|&(at, ..)| at - start).collect()
}

fn known(network: &Network, by: Handle<Ear>) -> Vec<String> {
    network.neighbours(by).map(|(address, _)| address.to_string()).collect()
}

#[test]
fn the_first_datagrams_to_a_neighbour_wait_for_the_reply_and_keep_their_order() {
    let (mut network, sender, hearer) = pair();
    let start = network.now();
    for byte in 0..5 {
        send(&mut network, sender, "10.0.0.2", byte);
    }
    assert_eq!(network.waiting(sender), 5);
    network.advance(MS * 10);
    assert_eq!(network.waiting(sender), 0);
    send(&mut network, sender, "10.0.0.2", 5);
    network.advance(MS * 10);
    assert_eq!(bytes_heard(&network, hearer), [0, 1, 2, 3, 4, 5]);
    // The request, the reply, the datagram; then the datagram alone.
    let expected = [3, 3, 3, 3, 3, 11].map(|ms| MS * ms);
    assert_eq!(times(&network, hearer, start), expected);
}

#[test]
fn both_sides_know_each_other_afterwards() {
    let (mut network, sender, hearer) = pair();
    send(&mut network, sender, "10.0.0.2", 1);
    network.advance(MS * 10);
    assert_eq!(known(&network, sender), ["10.0.0.2"]);
    assert_eq!(known(&network, hearer), ["10.0.0.1"]);
    let start = network.now();
    send(&mut network, hearer, "10.0.0.1", 2);
    network.advance(MS * 10);
    assert_eq!(times(&network, sender, start), [MS]);
}

#[test]
fn who_is_asked_sends_what_waits_for_the_asker() {
    let (mut network, a, b) = pair();
    network.lose_requests(a, 3);
    send(&mut network, a, "10.0.0.2", 1);
    network.advance(MS * 10);
    send(&mut network, b, "10.0.0.1", 2);
    network.advance(MS * 10);
    assert_eq!(bytes_heard(&network, b), [1], "the request of one resolves both");
    assert_eq!(bytes_heard(&network, a), [2]);
}

#[test]
fn a_broadcast_waits_for_nobody_and_teaches_nothing() {
    let (mut network, sender, hearer) = pair();
    let start = network.now();
    send(&mut network, sender, "10.0.0.255", 1);
    network.advance(MS * 10);
    assert_eq!(times(&network, hearer, start), [MS]);
    assert!(known(&network, hearer).is_empty() && known(&network, sender).is_empty());
}

#[test]
fn a_lost_request_costs_a_second() {
    for (lost, after) in [(0, 3), (1, 1003), (2, 2003)] {
        let (mut network, sender, hearer) = pair();
        let start = network.now();
        network.lose_requests(sender, lost);
        send(&mut network, sender, "10.0.0.2", 1);
        assert!(network.run_until_idle(MS * 5000));
        assert_eq!(times(&network, hearer, start), [MS * after], "{lost} lost");
    }
}

#[test]
fn three_lost_requests_cost_the_datagram_and_the_next_begins_anew() {
    let (mut network, sender, hearer) = pair();
    network.lose_requests(sender, 3);
    send(&mut network, sender, "10.0.0.2", 1);
    network.advance(MS * 2999);
    send(&mut network, sender, "10.0.0.2", 2);
    assert_eq!((network.waiting(sender), network.traffic(sender).unresolved), (2, 0));
    network.advance(MS);
    assert_eq!((network.waiting(sender), network.traffic(sender).unresolved), (0, 2));
    send(&mut network, sender, "10.0.0.2", 3);
    network.advance(MS * 10);
    assert_eq!(bytes_heard(&network, hearer), [3]);
}

#[test]
fn what_goes_to_nobody_waits_as_long_as_anybody_may_reply() {
    let (mut network, sender, _) = pair();
    for byte in 0..10 {
        send(&mut network, sender, NOBODY, byte);
    }
    network.advance(MS * 2999);
    assert_eq!(network.waiting(sender), 10);
    network.advance(MS);
    let traffic = network.traffic(sender);
    assert_eq!((network.waiting(sender), traffic.unresolved, traffic.unroutable), (0, 10, 0));
}

#[test]
fn requests_and_replies_get_lost_on_the_links_and_besides() {
    let lossy = |way: usize, loss: f64| {
        let mut arp = Arp { attempts: 1, ..Arp::default() };
        let mut links = [Link::default(), Link::default()];
        match way {
            0 => links[0].loss = loss,
            1 => links[1].loss = loss,
            2 => arp.request_loss = loss,
            _ => arp.reply_loss = loss,
        }
        (arp, links)
    };
    for way in 0..4 {
        let resolved = for_each_seed(0..2_000, |seed| {
            let (arp, links) = lossy(way, 0.3);
            let mut network = Network::new(seed).with_arp(arp);
            let segment = segment(&mut network, "10.0.0.0/24");
            let [sender, _] = links.map(|link| network.attach(segment, link, ear));
            send(&mut network, sender, "10.0.0.2", 1);
            network.run_until_idle(MS * 2000);
            !known(&network, sender).is_empty()
        });
        let share = resolved.iter().filter(|&&resolved| resolved).count() as f64 / 2_000.0;
        assert!((share - 0.7).abs() < 0.04, "way {way}: {share}");
    }
}

#[test]
fn other_networks_are_reached_without_a_question() {
    let mut network = Network::new(1).with_arp(Arp { request_loss: 1.0, ..Arp::default() });
    let here = segment(&mut network, "10.0.1.0/24");
    let there = segment(&mut network, "10.0.2.0/24");
    let sender = network.attach(here, Link::default(), ear);
    let away = network.attach(there, Link::default(), ear);
    send(&mut network, sender, "10.0.2.1", 1);
    send(&mut network, sender, "10.0.2.9", 2);
    send(&mut network, sender, "10.0.1.1", 3);
    network.advance(MS * 10);
    assert_eq!(bytes_heard(&network, away), [1]);
    assert_eq!(network.traffic(sender).unroutable, 1);
    assert_eq!(bytes_heard(&network, sender), [3], "no host asks for itself");
}

#[test]
fn ipv6_neighbours_are_asked_for_too() {
    let mut network = Network::new(1).with_arp(Arp::default());
    let segment = network.segment_of(&["2001:db8::/64".parse().unwrap()]);
    let link = Link { delay: MS..MS, ..Link::default() };
    let [sender, hearer] = [(); 2].map(|()| network.attach(segment, link.clone(), ear));
    let start = network.now();
    send(&mut network, sender, "2001:db8::2", 1);
    let link_local: SocketAddr = "[fe80::2%1]:9".parse().unwrap();
    network.act(sender, |ear, _| ear.sends.push(transmit(link_local, 2)));
    network.advance(MS * 10);
    assert_eq!(times(&network, hearer, start), [MS * 3; 2]);
    assert_eq!(known(&network, hearer), ["2001:db8::1", "fe80::1"]);
}

#[test]
fn a_full_send_buffer_refuses_everything_and_gives_it_back() {
    let (mut network, sender, hearer) = pair();
    network.set_send_buffer(sender, Some(3));
    for byte in 0..5 {
        send(&mut network, sender, NOBODY, byte);
    }
    send(&mut network, sender, "10.0.0.255", 5);
    assert_eq!(network[sender].unsent, [3, 4, 5]);
    let traffic = network.traffic(sender);
    assert_eq!((traffic.sent, traffic.unsent, network.waiting(sender)), (3, 3, 3));
    network.advance(MS * 3000);
    send(&mut network, sender, "10.0.0.255", 6);
    network.advance(MS * 10);
    assert_eq!(bytes_heard(&network, hearer), [6], "what waited was dropped and made room");
}

#[test]
fn the_network_bounds_the_send_buffers_of_all_hosts() {
    let arp = Arp { send_buffer: Some(Arp::LINUX_SEND_BUFFER), ..Arp::default() };
    let (mut network, [sender, _]) = hosts(arp, [Link::default(), Link::default()]);
    for n in 0..300 {
        send(&mut network, sender, &format!("10.0.0.{}", 100 + n % 100), 0);
    }
    assert_eq!(network.waiting(sender), 277);
    assert_eq!(network.traffic(sender).unsent, 23);
}

#[test]
fn nodes_learn_which_neighbours_are_known() {
    let (mut network, sender, _) = pair();
    let (other, nobody): (IpAddr, IpAddr) = ("10.0.0.2".parse().unwrap(), NOBODY.parse().unwrap());
    let ask = |network: &mut Network| {
        network.act(sender, |ear, _| ear.asks.extend([(nobody, 1), (other, 1), (other, 2)]));
        network.act(sender, |ear, _| std::mem::take(&mut ear.told))
    };
    assert_eq!(ask(&mut network), [(other, false), (other, false), (nobody, false)]);
    send(&mut network, sender, "10.0.0.2", 1);
    network.advance(MS * 10);
    assert_eq!(ask(&mut network), [(other, false), (other, true), (nobody, false)]);
}

#[test]
fn without_arp_every_neighbour_is_known() {
    let (mut network, sender, _) = crate::ear::pair(1, Link::default());
    let other = "10.0.0.2".parse().unwrap();
    network.act(sender, |ear, _| ear.asks.push((other, 1)));
    assert_eq!(network[sender].told, [(other, true)]);
}

#[test]
fn a_host_that_was_removed_neither_replies_nor_asks() {
    let (mut network, a, b) = pair();
    send(&mut network, a, "10.0.0.2", 1);
    network.remove(b);
    assert!(network.run_until_idle(MS * 5000));
    assert_eq!(network.traffic(a).unresolved, 1);

    let (mut network, a, b) = pair();
    network.lose_requests(a, 1);
    send(&mut network, a, "10.0.0.2", 1);
    network.remove(a);
    network.run_until_idle(MS * 5000);
    assert!(network[b].heard.is_empty() && known(&network, b).is_empty());
}
