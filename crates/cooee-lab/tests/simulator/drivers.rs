//! Drivers that are busy with something else, and what they see to first afterwards.

use std::time::{Duration, Instant};

use cooee_core::{DiscoveryConfig, ResponderConfig, Wait};
use cooee_lab::sim::{Buffer, Client, Handle, Link, Network, Node, Server, Waking, for_each_seed};

use crate::ear::{Ear, MS, bytes_heard, ear, pair, segment, send};

/// A host at `10.0.0.2` that hears what is sent in the same instant.
fn prompt() -> (Network, Handle<Ear>, Handle<Ear>) {
    pair(1, Link { delay: Duration::ZERO..Duration::ZERO, ..Link::default() })
}

fn times(network: &Network, of: Handle<Ear>, start: Instant) -> Vec<Duration> {
    network[of].heard.iter().map(|&(at, ..)| at - start).collect()
}

/// Sends one datagram every 10 ms, from now on.
fn send_each_10_ms(network: &mut Network, from: Handle<Ear>, bytes: std::ops::Range<u8>) {
    for byte in bytes {
        send(network, from, "10.0.0.2", byte);
        network.advance(MS * 10);
    }
}

#[test]
fn datagrams_wait_for_a_busy_driver_and_keep_their_order() {
    let (mut network, sender, hearer) = prompt();
    let start = network.now();
    network.keep_busy(hearer, MS * 15..MS * 45);
    network.keep_busy(hearer, MS * 65..MS * 85);
    send_each_10_ms(&mut network, sender, 0..10);
    assert_eq!(bytes_heard(&network, hearer), (0..10).collect::<Vec<u8>>());
    let expected = [0, 10, 45, 45, 45, 50, 60, 85, 85, 90].map(|ms| MS * ms);
    assert_eq!(times(&network, hearer, start), expected);
    assert_eq!(network.traffic(hearer).waited, 5);
}

#[test]
fn spans_that_overlap_are_one() {
    let (mut network, sender, hearer) = prompt();
    let start = network.now();
    for span in [MS * 10..MS * 50, MS * 20..MS * 30, MS * 40..MS * 70, MS * 10..MS * 15] {
        network.keep_busy(hearer, span);
    }
    network.advance(MS * 12);
    send(&mut network, sender, "10.0.0.2", 1);
    assert!(network.run_until_idle(MS * 100));
    assert_eq!(times(&network, hearer, start), [MS * 70]);
}

#[test]
fn a_timer_waits_for_a_busy_driver() {
    let (mut network, _, hearer) = prompt();
    let start = network.now();
    network.keep_busy(hearer, MS * 10..MS * 50);
    network.act(hearer, |ear, now| ear.wakes.extend([5, 20, 30, 60].map(|ms| now + MS * ms)));
    assert!(network.run_until_idle(MS * 100));
    let woken: Vec<_> = network[hearer].woken.iter().map(|&at| at - start).collect();
    assert_eq!(woken, [5, 50, 60].map(|ms| MS * ms));
}

/// Notes in which order it is called.
#[derive(Default)]
struct Diary {
    wake: Option<Instant>,
    entries: String,
}

impl Node for Diary {
    fn port(&self) -> u16 {
        crate::ear::PORT
    }

    fn handle_datagram(&mut self, _: Instant, _: &cooee_core::Datagram<'_>) {
        self.entries.push('d');
    }

    fn handle_timeout(&mut self, _: Instant) {
        self.wake = None;
        self.entries.push('t');
    }

    fn poll_transmit(&mut self) -> Option<cooee_core::Transmit> {
        None
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.wake
    }
}

#[test]
fn a_driver_sees_first_to_what_it_was_told() {
    let slow = Some(Buffer { datagrams: 10, drain_per_second: 100 });
    for (waking, buffer, expected) in [
        (Waking::DatagramsFirst, None, "dddt"),
        (Waking::TimerFirst, None, "tddd"),
        (Waking::DatagramsFirst, slow, "dddt"),
        (Waking::TimerFirst, slow, "tddd"),
    ] {
        let mut network = Network::new(1);
        let segment = segment(&mut network, "10.0.0.0/24");
        let sender = network.attach(segment, Link::default(), ear);
        let link = Link { receive_buffer: buffer, ..Link::default() };
        let hearer = network.attach(segment, link, |_| Diary::default());
        network.set_waking(hearer, waking);
        network.keep_busy(hearer, MS * 10..MS * 50);
        network.act(hearer, |diary, now| diary.wake = Some(now + MS * 30));
        network.advance(MS * 20);
        for byte in 0..3 {
            send(&mut network, sender, "10.0.0.2", byte);
        }
        network.advance(MS * 29);
        assert_eq!(network[hearer].entries, "");
        assert!(network.run_until_idle(MS * 100));
        assert_eq!(network[hearer].entries, expected, "{waking:?} {buffer:?}");
    }
}

#[test]
fn a_bounded_buffer_overflows_while_its_driver_is_busy() {
    let buffer = Buffer { datagrams: 4, drain_per_second: 1_000_000 };
    let link = Link {
        delay: Duration::ZERO..Duration::ZERO,
        receive_buffer: Some(buffer),
        ..Link::default()
    };
    let (mut network, sender, hearer) = pair(1, link);
    network.keep_busy(hearer, MS * 5..MS * 95);
    send_each_10_ms(&mut network, sender, 0..12);
    assert_eq!(bytes_heard(&network, hearer), [0, 1, 2, 3, 4, 10, 11]);
    assert_eq!(network.traffic(hearer).overflowed, 5);
    assert_eq!(network[hearer].drops, [5]);
}

#[test]
fn a_node_keeps_its_driver_busy_with_what_it_got() {
    let (mut network, sender, hearer) = prompt();
    let start = network.now();
    network.act(hearer, |ear, _| ear.work.push(MS * 25));
    send_each_10_ms(&mut network, sender, 0..5);
    assert_eq!(times(&network, hearer, start), [25, 25, 25, 30, 40].map(|ms| MS * ms));
}

/// A client whose caller works for 1.2 s on each find, and a second server that answers after 20 ms.
/// When the search is over at 1 s, how many has it been given before its timer?
fn found_by_a_slow_caller(seed: u64, waking: Waking) -> (u64, u64) {
    let mut network = Network::new(seed);
    let segment = segment(&mut network, "10.0.0.0/24");
    for late in [0, 20] {
        let server = network.attach(segment, Link::default(), |host| {
            Server::new(ResponderConfig::default(), host).unwrap()
        });
        network.delay_sending(server, MS * late..MS * late);
    }
    let client = network.attach(segment, Link::default(), |host| {
        let config = DiscoveryConfig {
            timeout: Some(MS * 1000),
            wait: Wait::Full,
            ..DiscoveryConfig::default()
        };
        Client::new(config, host).unwrap().working(MS * 1200)
    });
    network.set_waking(client, waking);
    network.advance(MS * 1199);
    assert_eq!(network[client].found().len(), 1);
    assert!(network[client].discovery().outcome().is_none(), "the timer waits");
    network.advance(MS * 10);
    assert!(network[client].discovery().outcome().is_some());
    (network.traffic(client).received, network.traffic(client).waited)
}

#[test]
fn a_client_whose_caller_works_on_each_find_gets_the_next_when_that_is_done() {
    for_each_seed(0..20, |seed| {
        for waking in [Waking::DatagramsFirst, Waking::TimerFirst] {
            assert_eq!(found_by_a_slow_caller(seed, waking), (2, 1));
        }
    });
}

#[test]
fn a_host_that_is_removed_while_it_is_busy_gets_nothing() {
    let (mut network, sender, hearer) = prompt();
    network.keep_busy(hearer, Duration::ZERO..MS * 50);
    network.advance(MS);
    send(&mut network, sender, "10.0.0.2", 1);
    network.remove(hearer);
    network.run_until_idle(MS * 100);
    assert!(network[hearer].heard.is_empty());
}
