use super::*;
use crate::{Transmit, Unsent, limits};

fn refused(ip: &str) -> Told {
    Told::Gone(ip.to_owned(), Departure::Refused)
}

#[test]
fn a_server_that_dies_is_gone_within_eight_seconds_at_the_pace_of_a_second() {
    for dies_at in [0.1, 0.2, 2.0, 20.0, 29.0] {
        let mut rig = Rig::new(&["10.0.0.5", "10.0.0.6"]);
        rig.run(dies_at);
        rig.take();
        rig.stop("10.0.0.5");
        assert_eq!(rig.run(dies_at + 4.0), [], "too early, dead at {dies_at}");
        assert_eq!(rig.run(dies_at + 10.0), [silent("10.0.0.5")], "dead at {dies_at}");
        assert_eq!(rig.run(dies_at + 60.0), []);
    }
}

#[test]
fn it_is_probed_alone_before_it_is_gone() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(10.0);
    rig.stop("10.0.0.5");
    rig.run(20.0);
    let calls = rig.calls("10.0.0.5", 0.0);
    // Twice in each of five rounds, and four times in the last.
    assert_eq!(calls.len(), 5 * 2 + 4, "{calls:?}");
}

#[test]
fn one_answer_to_a_probe_of_its_own_keeps_it() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(10.0);
    rig.stop("10.0.0.5");
    rig.run(15.5);
    rig.start("10.0.0.5");
    assert_eq!(rig.run(60.0), []);
}

#[test]
fn at_a_slow_pace_a_miss_is_followed_up_every_second() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(300.0);
    rig.stop("10.0.0.5");
    assert_eq!(rig.run(341.0), [silent("10.0.0.5")], "30 s until it is missed, and 8 more");
}

#[test]
fn a_server_that_comes_back_is_found_again() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(10.0);
    rig.take();
    rig.stop("10.0.0.5");
    assert_eq!(rig.run(20.0), [silent("10.0.0.5")]);
    rig.start("10.0.0.5");
    assert_eq!(rig.run(22.0), [found("10.0.0.5")]);
}

#[test]
fn a_restart_of_two_seconds_is_no_event() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(10.0);
    rig.stop("10.0.0.5");
    let source = ([10, 0, 0, 5], PORT).into();
    rig.refusing.insert(source);
    rig.run(12.0);
    rig.refusing.remove(&source);
    rig.start("10.0.0.5");
    assert_eq!(rig.run(40.0), []);
}

#[test]
fn a_host_that_says_in_three_rounds_that_nothing_listens_is_believed() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(10.0);
    rig.take();
    rig.stop("10.0.0.5");
    rig.refusing.insert(([10, 0, 0, 5], PORT).into());
    assert_eq!(rig.run(14.6), [refused("10.0.0.5")]);
}

#[test]
fn what_this_host_drops_is_no_silence_of_others() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(10.0);
    rig.stop("10.0.0.5");
    for n in 0..300 {
        rig.watch.handle_drops(n);
        assert_eq!(rig.run(10.0 + n as f64 * 0.1), []);
    }
    assert_eq!(rig.run(52.0), [silent("10.0.0.5")]);
}

#[test]
fn a_last_call_that_was_not_sent_is_none() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(10.0);
    rig.take();
    rig.stop("10.0.0.5");
    let to: SocketAddr = ([10, 0, 0, 5], PORT).into();
    let until = rig.start + secs(30.0);
    while let Some(next) = rig.watch.poll_timeout()
        && next <= until
    {
        rig.now = next;
        rig.watch.handle_timeout(next);
        while let Some(transmit) = rig.watch.poll_transmit() {
            if transmit.destination == to {
                rig.watch.handle_unsent(next, &Transmit::new(to, ""), Unsent::NoRoom);
            }
        }
        rig.note_events();
    }
    assert_eq!(rig.take(), [], "there was never any room");
}

#[test]
fn a_driver_that_slept_for_an_hour_misses_one_round() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(10.0);
    rig.now = rig.start + secs(3600.0);
    rig.watch.handle_timeout(rig.now);
    rig.drain();
    assert_eq!(rig.run(3700.0), []);
}

#[test]
fn a_flood_of_forged_servers_is_bounded_and_goes_away() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    for n in 0..2 * limits::WATCHED_MAX as u32 {
        let ip = IpAddr::from((0x0a01_0000 + n).to_be_bytes());
        rig.hear(SocketAddr::new(ip, PORT), &format!("SERVER_IP:{ip}"));
        rig.note_events();
    }
    rig.run(0.2);
    assert!(rig.watch.is_truncated());
    assert_eq!(rig.watch.servers().count(), limits::WATCHED_MAX);
    let sent = rig.sent.len();
    rig.run(11.6);
    let most = 10 * 4 * limits::WATCHED_CALLS_AT_ONCE + 20;
    assert!(rig.sent.len() - sent <= most, "{} probes in 10 s", rig.sent.len() - sent);
    rig.run(400.0);
    assert_eq!(rig.watch.servers().count(), 1);
}

#[test]
fn nobody_waits_to_be_told_of_when_there_is_no_room() {
    let mut rig = Rig::new(&[]);
    for flood in [0x0a01_0000_u32, 0x0a02_0000] {
        for n in 0..limits::WATCHED_MAX as u32 {
            let ip = IpAddr::from((flood + n).to_be_bytes());
            rig.hear(SocketAddr::new(ip, PORT), &format!("SERVER_IP:{ip}"));
        }
        let is_first = flood == 0x0a01_0000;
        let waiting = if is_first { limits::WATCHED_MAX } else { 0 };
        assert_eq!(rig.watch.newcomers.len(), waiting);
        rig.run(if is_first { 0.15 } else { 0.3 });
        assert_eq!(rig.watch.is_truncated(), !is_first);
    }
}
