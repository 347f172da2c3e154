//! Links on which the fates of datagrams depend on each other.

use std::time::{Duration, Instant};

use cooee_lab::sim::{Bursts, Handle, Link, Network, Outage, PowerSaving, for_each_seed};

use crate::ear::{Ear, MS, bytes_heard, pair, send};

/// Sends a datagram each millisecond. Whether the `n`th arrived.
fn arrivals(seed: u64, link: Link, count: u64) -> Vec<bool> {
    let delay = Duration::ZERO..Duration::ZERO;
    let (mut network, sender, hearer) = pair(seed, Link { delay, ..link });
    (0..count)
        .map(|n| {
            let before = network[hearer].heard.len();
            send(&mut network, sender, "10.0.0.2", n as u8);
            network.advance(MS);
            network[hearer].heard.len() > before
        })
        .collect()
}

fn lengths(of: bool, arrivals: &[bool]) -> Vec<usize> {
    arrivals.chunk_by(|a, b| a == b).filter(|run| run[0] == of).map(<[bool]>::len).collect()
}

fn mean(of: &[usize]) -> f64 {
    of.iter().sum::<usize>() as f64 / of.len() as f64
}

#[test]
fn bursts_are_as_long_and_as_far_apart_as_was_said() {
    let bursts = Bursts { good: MS * 300, bad: MS * 100, loss: 1.0 };
    let link = Link { bursts: Some(bursts), ..Link::default() };
    let arrivals = arrivals(1, link.clone(), 400_000);
    let lost = arrivals.iter().filter(|&&arrived| !arrived).count() as f64 / 400_000.0;
    assert!((lost - 0.25).abs() < 0.02, "{lost}");
    let (bad, good) = (mean(&lengths(false, &arrivals)), mean(&lengths(true, &arrivals)));
    assert!((bad - 100.0).abs() < 10.0 && (good - 300.0).abs() < 30.0, "{bad} {good}");
}

#[test]
fn a_link_is_in_a_burst_from_the_start_as_often_as_later() {
    let bursts = Bursts { good: MS * 300, bad: MS * 100, loss: 1.0 };
    let link = Link { bursts: Some(bursts), ..Link::default() };
    let first = for_each_seed(0..2_000, |seed| arrivals(seed, link.clone(), 1)[0]);
    let lost = first.iter().filter(|&&arrived| !arrived).count();
    assert!((430..570).contains(&lost), "{lost}");
}

#[test]
fn both_states_of_a_bursty_link_lose_what_was_said() {
    let bursts = Bursts { good: MS * 100, bad: MS * 100, loss: 0.5 };
    let link = Link { loss: 0.1, bursts: Some(bursts), ..Link::default() };
    let arrivals = arrivals(1, link, 200_000);
    let lost = arrivals.iter().filter(|&&arrived| !arrived).count() as f64 / 200_000.0;
    // A tenth, and half of the rest half of the time.
    assert!((lost - 0.325).abs() < 0.02, "{lost}");
}

#[test]
fn an_outage_returns_and_takes_everything() {
    for from in [None, Some(MS * 30), Some(MS * 1030)] {
        let outage = Outage { lasts: MS * 200, every: MS * 1000, from };
        let arrivals = arrivals(3, Link { outage: Some(outage), ..Link::default() }, 10_000);
        let out = lengths(false, &arrivals);
        assert_eq!(&out[1..out.len() - 1], [200; 8].get(..out.len() - 2).unwrap(), "{from:?}");
        assert_eq!(arrivals.iter().filter(|&&arrived| !arrived).count(), 2_000);
        let first = arrivals.iter().position(|&arrived| !arrived).unwrap();
        assert!(from.is_none() || first == 30, "{first}");
    }
}

#[test]
fn outages_without_a_given_time_differ_from_link_to_link() {
    let outage = Outage { lasts: MS * 500, every: MS * 1000, from: None };
    let link = Link { outage: Some(outage), ..Link::default() };
    let first = for_each_seed(0..1_000, |seed| arrivals(seed, link.clone(), 1)[0]);
    let lost = first.iter().filter(|&&arrived| !arrived).count();
    assert!((430..570).contains(&lost), "{lost}");
}

fn saving(from: Option<Duration>) -> Link {
    Link { power_saving: Some(PowerSaving { beacon: MS * 300, from }), ..Link::default() }
}

fn times(network: &Network, of: Handle<Ear>, start: Instant) -> Vec<Duration> {
    network[of].heard.iter().map(|&(at, ..)| at - start).collect()
}

#[test]
fn a_host_that_saves_power_hears_at_beacons_only_and_in_order() {
    let (mut network, sender, hearer) = pair(1, saving(Some(MS * 50)));
    let start = network.now();
    for byte in 0..200 {
        send(&mut network, sender, "10.0.0.2", byte);
        network.advance(MS * 5);
    }
    assert!(network.run_until_idle(MS * 300));
    assert_eq!(bytes_heard(&network, hearer), (0..200).collect::<Vec<u8>>());
    let mut beacons = times(&network, hearer, start);
    beacons.dedup();
    assert_eq!(beacons, [50, 350, 650, 950, 1250].map(|ms| MS * ms));
}

#[test]
fn beacons_without_a_given_time_are_anywhere() {
    let waits = for_each_seed(0..1_000, |seed| {
        let (mut network, sender, hearer) = pair(seed, saving(None));
        let start = network.now();
        send(&mut network, sender, "10.0.0.2", 0);
        network.run_until_idle(MS * 400);
        times(&network, hearer, start)[0]
    });
    let mean = waits.iter().sum::<Duration>() / 1_000;
    assert!((MS * 140..MS * 160).contains(&mean), "{mean:?}");
    assert!(waits.iter().all(|wait| *wait < MS * 302), "{:?}", waits.iter().max());
}

#[test]
fn a_host_that_saves_power_sends_at_once() {
    let (mut network, sender, hearer) = pair(1, saving(None));
    let start = network.now();
    send(&mut network, hearer, "10.0.0.1", 0);
    network.run_until_idle(MS * 400);
    assert!(times(&network, sender, start)[0] < MS * 2);
}
