use super::*;
use crate::{Host, limits};

const ALL: &str = "10.0.0.255";

#[test]
fn servers_are_found_soon_and_told_of_once() {
    let mut rig = Rig::new(&["10.0.0.5", "10.0.0.6"]);
    assert_eq!(rig.run(0.1), [found("10.0.0.5"), found("10.0.0.6")]);
    assert_eq!(rig.run(120.0), []);
    assert_eq!(rig.watch.servers().count(), 2);
}

#[test]
fn it_probes_every_second_for_half_a_minute_and_then_less_and_less_often() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(400.0);
    let calls = rig.calls(ALL, 0.0);
    let within = |from, to| calls.iter().filter(|at| (secs(from)..secs(to)).contains(at)).count();
    assert_eq!(within(0.0, 1.5), 4, "an opening like a discovery: {calls:?}");
    assert!((26..=32).contains(&within(1.5, 30.0)), "{calls:?}");
    assert!((9..=12).contains(&within(32.0, 200.0)), "{calls:?}");
    assert!((6..=8).contains(&within(200.0, 400.0)), "{calls:?}");
    assert_eq!(rig.calls("10.0.0.5", 0.0), [], "one that answers is not probed alone");
}

#[test]
fn no_timer_is_set_between_rounds() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(100.0);
    let before = rig.sent.len();
    let mut steps = 0;
    while rig.at() < secs(200.0) {
        rig.now = rig.watch.poll_timeout().expect("it goes on");
        rig.watch.handle_timeout(rig.now);
        rig.drain();
        steps += 1;
    }
    assert_eq!(steps, rig.sent.len() - before, "each wake-up is a round");
}

#[test]
fn a_server_that_comes_later_is_found_in_the_next_round() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(20.0);
    rig.start("10.0.0.7");
    assert_eq!(rig.run(21.2), [found("10.0.0.7")]);
}

#[test]
fn what_happens_makes_it_probe_every_second_again() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(150.0);
    rig.start("10.0.0.7");
    rig.run(185.0);
    let since = rig.calls(ALL, 150.0);
    assert!(since.windows(2).filter(|at| at[1] - at[0] < secs(1.2)).count() >= 2, "{since:?}");
    assert!(since.len() >= 5, "{since:?}");
}

#[test]
fn new_interfaces_are_probed_within_a_second_and_no_oftener_however_often_they_change() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(200.0);
    let new = vec![Target::routed(([10, 0, 0, 254], PORT).into())];
    let both = vec![new[0], Target::routed(([10, 0, 0, 253], PORT).into())];
    for n in 0..100 {
        let until = 200.0 + f64::from(n) * 0.05;
        rig.run(until);
        let targets = if n % 2 == 0 { new.clone() } else { both.clone() };
        rig.watch.handle_interfaces(rig.now, &[eth0()], targets);
        rig.drain();
    }
    rig.run(210.0);
    let calls = rig.calls("10.0.0.254", 200.0);
    assert!(calls[0] <= secs(200.1), "{calls:?}");
    assert!(calls.len() <= 5 * 4 + 6, "{calls:?}");
}

#[test]
fn a_server_whose_answers_to_broadcasts_get_lost_is_probed_alone_and_stays() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.deaf.insert(([10, 0, 0, 5], PORT).into());
    assert_eq!(rig.run(0.1), [found("10.0.0.5")]);
    assert_eq!(rig.run(100.0), []);
    assert!(rig.calls("10.0.0.5", 0.0).len() > 20);
}

#[test]
fn a_neighbour_that_turns_up_is_probed_directly_in_two_rounds() {
    let config = DiscoveryConfig::default();
    let start = Instant::now();
    let on_eth0 = Target::neighbour(([10, 0, 0, 255], PORT).into(), 2);
    let mut watch = PresenceEngine::new(config, vec![on_eth0], &[eth0()], 7, start).expect("sound");
    let old = (IpAddr::from([10, 0, 0, 8]), 2);
    let new = (IpAddr::from([10, 0, 0, 9]), 2);
    watch.handle_resolved_neighbours(&[old]);
    let (mut now, mut calls) = (start, Vec::new());
    while now < start + secs(10.0) {
        let resolved = if now < start + secs(5.0) { &[old][..] } else { &[old, new] };
        if watch.wants_resolved_neighbours(now).is_some() {
            watch.handle_resolved_neighbours(resolved);
        }
        watch.handle_timeout(now);
        while let Some(transmit) = watch.poll_transmit() {
            calls.push((now - start, transmit.destination.ip()));
        }
        now = watch.poll_timeout().expect("it goes on");
    }
    let to = |(of, _): (IpAddr, u32)| calls.iter().filter(move |(_, to)| *to == of);
    assert_eq!(to(new).count(), 2, "{calls:?}");
    assert!(to(old).all(|(at, _)| *at < secs(1.6)), "{calls:?}");
}

#[test]
fn notices_of_interfaces_that_make_no_difference_leave_the_pace_as_it_is() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    let veth = Interface {
        index: 9,
        name: "veth1".into(),
        addresses: vec!["fe80::9/64".parse().expect("a network")],
        ..eth0()
    };
    for n in 1..=400 {
        rig.run(f64::from(n));
        let all = if n % 2 == 0 { vec![eth0()] } else { vec![eth0(), veth.clone()] };
        rig.watch.handle_interfaces(
            rig.now,
            &all,
            vec![Target::routed(([10, 0, 0, 255], PORT).into())],
        );
        rig.drain();
    }
    let calls = rig.calls(ALL, 200.0);
    assert!((6..=8).contains(&calls.len()), "{calls:?}");
}

#[test]
fn a_dead_server_goes_though_interfaces_change_again_and_again() {
    let mut rig = Rig::new(&["10.0.0.5", "10.0.0.6"]);
    rig.run(10.0);
    rig.stop("10.0.0.5");
    let mut told = Vec::new();
    for n in 0..150 {
        told.extend(rig.run(10.0 + f64::from(n) * 0.2));
        let mut targets = vec![Target::routed(([10, 0, 0, 255], PORT).into())];
        targets.extend((n % 2 == 0).then(|| Target::routed(([10, 0, 0, 254], PORT).into())));
        rig.watch.handle_interfaces(rig.now, &[eth0()], targets);
        rig.drain();
    }
    assert_eq!(told, [silent("10.0.0.5")]);
}

#[test]
fn a_name_has_no_more_addresses_than_there_is_room_for() {
    let host = |n: usize| Host {
        name: format!("host {n}"),
        addresses: vec![([10, 1, (n / 250) as u8, (n % 250) as u8], PORT).into()],
    };
    let mut hosts: Vec<_> = (0..limits::TARGETS_MAX - 10).map(host).collect();
    hosts.push(Host { name: "workshop".into(), addresses: Vec::new() });
    let mut rig = Rig::watching(DiscoveryConfig { hosts, ..DiscoveryConfig::default() }, &[]);
    let addresses = (1..=16).map(|n| ([10, 2, 0, n], PORT).into()).collect();
    rig.watch.handle_resolved(rig.now, "workshop", Ok(addresses));
    rig.run(10.0);
    assert_ne!(rig.calls("10.2.0.10", 5.0), []);
    assert_eq!(rig.calls("10.2.0.11", 5.0), []);
}
