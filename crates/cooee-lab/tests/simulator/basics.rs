//! Loss, delay, duplicates and buffers; who hears what; timers.

use std::time::Instant;

use cooee_core::{Datagram, Transmit, Wait};
use cooee_lab::sim::{Buffer, Link, Network, Node, Trial, for_each_seed};

use crate::ear::{MS, PORT, bytes_heard, ear, pair, segment, send};

#[test]
fn the_same_seed_gives_the_same_run() {
    let trial = Trial::new(50, 0.2, Wait::Settled).on(|link| {
        link.duplicate = 0.2;
        link.receive_buffer = Some(Buffer { datagrams: 20, drain_per_second: 10_000 });
    });
    let runs = for_each_seed(0..20, |seed| trial.run(seed));
    for run in &runs {
        assert_eq!(trial.run(run.seed), *run);
    }
    assert!(runs.windows(2).any(|pair| pair[0].traffic != pair[1].traffic), "every seed the same");
}

#[test]
fn as_much_is_lost_as_was_said() {
    for loss in [0.0, 0.05, 0.2, 0.5, 1.0] {
        let (mut network, sender, hearer) = pair(1, Link::losing(loss));
        for _ in 0..20_000 {
            send(&mut network, sender, "10.0.0.2", 0);
        }
        assert!(network.run_until_idle(MS * 10));
        let traffic = network.traffic(hearer);
        assert_eq!(traffic.lost + traffic.received, 20_000);
        let lost = traffic.lost as f64 / 20_000.0;
        assert!((lost - loss).abs() < 0.015, "{lost} instead of {loss}");
    }
}

#[test]
fn delays_keep_to_their_range_and_reorder() {
    let (mut network, sender, hearer) = pair(1, Link { delay: MS * 5..MS * 50, ..Link::default() });
    let sent: Vec<u8> = (0..200).collect();
    let start = network.now();
    for &byte in &sent {
        send(&mut network, sender, "10.0.0.2", byte);
    }
    network.run_until_idle(MS * 100);
    let mut heard = bytes_heard(&network, hearer);
    assert_ne!(heard, sent);
    heard.sort_unstable();
    assert_eq!(heard, sent);
    let delays: Vec<_> = network[hearer].heard.iter().map(|&(at, ..)| at - start).collect();
    assert!(delays.iter().all(|delay| (MS * 5..MS * 50).contains(delay)));
    assert!(delays[0] < MS * 8 && delays[199] > MS * 47, "they fill the range: {delays:?}");
}

#[test]
fn a_constant_delay_keeps_the_order() {
    let (mut network, sender, hearer) = pair(1, Link { delay: MS..MS, ..Link::default() });
    for byte in 0..100 {
        send(&mut network, sender, "10.0.0.2", byte);
    }
    network.run_until_idle(MS * 10);
    assert_eq!(bytes_heard(&network, hearer), (0..100).collect::<Vec<u8>>());
}

#[test]
fn duplicates_arrive() {
    let (mut network, sender, hearer) = pair(1, Link { duplicate: 0.25, ..Link::default() });
    for _ in 0..20_000 {
        send(&mut network, sender, "10.0.0.2", 0);
    }
    network.run_until_idle(MS * 10);
    let again = network.traffic(hearer).received - 20_000;
    assert!((4_700..5_300).contains(&again), "{again}");
}

#[test]
fn a_full_buffer_drops_exactly_what_overflows_and_says_so() {
    let buffer = Buffer { datagrams: 10, drain_per_second: 1000 };
    let link = Link { delay: MS..MS, receive_buffer: Some(buffer), ..Link::default() };
    let (mut network, sender, hearer) = pair(1, link);
    let start = network.now();
    for byte in 0..25 {
        send(&mut network, sender, "10.0.0.2", byte);
    }
    network.advance(MS * 50);
    assert_eq!(bytes_heard(&network, hearer), (0..10).collect::<Vec<u8>>());
    let times: Vec<_> = network[hearer].heard.iter().map(|&(at, ..)| at - start).collect();
    assert_eq!(times, (1..11).map(|n| MS * n).collect::<Vec<_>>(), "one each millisecond");
    assert_eq!(network.traffic(hearer).overflowed, 15);
    assert!(network[hearer].drops.is_empty(), "nothing was buffered since that could say so");

    send(&mut network, sender, "10.0.0.2", 99);
    network.advance(MS * 50);
    assert_eq!(network[hearer].drops, [15]);
    assert_eq!(bytes_heard(&network, hearer).last(), Some(&99));
}

#[test]
fn a_broadcast_stays_in_its_segment() {
    for (to, reaches) in [("255.255.255.255", true), ("10.0.1.255", true), ("10.0.2.255", false)] {
        let mut network = Network::new(1);
        let here = segment(&mut network, "10.0.1.0/24");
        let there = segment(&mut network, "10.0.2.0/24");
        let sender = network.attach(here, Link::default(), ear);
        let beside = [(); 3].map(|()| network.attach(here, Link::default(), ear));
        let away = [(); 3].map(|()| network.attach(there, Link::default(), ear));
        send(&mut network, sender, to, 1);
        network.run_until_idle(MS * 10);
        for hearer in beside {
            assert_eq!(network[hearer].heard.len(), usize::from(reaches), "{to}");
        }
        assert!(away.iter().all(|&hearer| network[hearer].heard.is_empty()), "{to}");
        assert!(network[sender].heard.is_empty(), "{to}");
        assert_eq!(network.traffic(sender).unroutable, u64::from(!reaches));
    }
}

#[test]
fn a_unicast_reaches_its_owner_in_any_segment_and_nobody_else() {
    let mut network = Network::new(1);
    let here = segment(&mut network, "10.0.1.0/24");
    let there = segment(&mut network, "10.0.2.0/24");
    let sender = network.attach(here, Link::default(), ear);
    let links = [(here, Link::default()), (there, Link::default())];
    let both = network.attach_to_all(&links, ear);
    let other = network.attach(there, Link::default(), ear);
    send(&mut network, sender, "10.0.2.1", 1);
    send(&mut network, sender, "10.0.1.2", 2);
    send(&mut network, sender, "10.0.2.9", 3);
    network.run_until_idle(MS * 10);
    let mut heard: Vec<_> = network[both].heard.iter().map(|&(_, s, i, b)| (b, s, i)).collect();
    heard.sort_unstable();
    let source = network.address(sender);
    assert_eq!(heard, [(1, source, Some(2)), (2, source, Some(1))]);
    assert!(network[other].heard.is_empty());
    assert_eq!(network.traffic(sender).unroutable, 1);
}

#[test]
fn a_host_that_was_removed_is_silent_and_deaf() {
    let (mut network, sender, hearer) = pair(1, Link::default());
    send(&mut network, sender, "10.0.0.2", 1);
    network.remove(hearer);
    network.advance(MS * 10);
    send(&mut network, hearer, "10.0.0.1", 1);
    network.advance(MS * 10);
    assert!(network[hearer].heard.is_empty() && network[sender].heard.is_empty());
}

#[test]
fn timers_fire_when_they_are_due_and_not_when_they_were_moved() {
    let (mut network, _, hearer) = pair(1, Link::default());
    let start = network.now();
    network.act(hearer, |ear, now| ear.wakes.extend([now + MS * 5, now + MS * 20]));
    network.act(hearer, |ear, now| ear.wakes[0] = now + MS * 9);
    assert!(network.run_until_idle(MS * 100));
    let woken: Vec<_> = network[hearer].woken.iter().map(|&at| at - start).collect();
    assert_eq!(woken, [MS * 9, MS * 20]);
}

#[test]
#[should_panic(expected = "wakes for ever")]
fn a_node_that_never_sleeps_is_caught() {
    struct Restless(Instant);
    impl Node for Restless {
        fn port(&self) -> u16 {
            PORT
        }
        fn handle_datagram(&mut self, _: Instant, _: &Datagram<'_>) {}
        fn poll_transmit(&mut self) -> Option<Transmit> {
            None
        }
        fn poll_timeout(&self) -> Option<Instant> {
            Some(self.0)
        }
    }
    let mut network = Network::new(1);
    let segment = segment(&mut network, "10.0.0.0/24");
    network.attach(segment, Link::default(), |host| Restless(host.now));
    network.run_until_idle(MS);
}
