//! Browsing that begins anew.

use super::services::printer;
use super::*;
use crate::announced::{Announced, Announcement};
use crate::limits;

/// A view of a server that answers as well, and of two that are only announced.
fn flooded() -> Rig {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.watch.handle_browsing_begun(rig.now);
    for announced in [answering(), printer("_ipp._tcp", 631, "10.0.0.6"), leaving()] {
        rig.announce(Announcement::Found(announced));
    }
    rig.run(40.0);
    assert_eq!(rig.watch.servers().count(), 3);
    rig
}

fn leaving() -> Announced {
    printer("_http._tcp", 80, "10.0.0.7")
}

fn answering() -> Announced {
    super::announced::workshop("10.0.0.5", "1")
}

fn goodbye(ip: &str) -> Told {
    Told::Gone(ip.to_owned(), Departure::Goodbye)
}

#[test]
fn what_is_not_announced_again_within_eight_seconds_is_gone() {
    let mut rig = flooded();
    rig.watch.handle_browsing_ended();
    assert_eq!(rig.run(70.0), [], "nothing is heard, which says nothing");
    rig.watch.handle_browsing_begun(rig.now);
    rig.run(71.0);
    rig.announce(Announcement::Found(answering()));
    rig.announce(Announcement::Found(printer("_ipp._tcp", 631, "10.0.0.6")));
    assert_eq!(rig.run(77.9), []);
    assert_eq!(rig.run(78.1), [goodbye("10.0.0.7")]);
    assert_eq!(rig.run(200.0), []);
    assert_eq!(rig.watch.servers().filter(|it| it.named.is_some()).count(), 2);
}

#[test]
fn a_server_that_answers_and_is_not_announced_again_loses_its_name_alone() {
    let mut rig = flooded();
    rig.watch.handle_browsing_begun(rig.now);
    rig.announce(Announcement::Found(printer("_ipp._tcp", 631, "10.0.0.6")));
    rig.announce(Announcement::Found(leaving()));
    assert_eq!(rig.run(60.0), [changed("10.0.0.5")]);
    assert_eq!(rig.watch.servers().filter(|it| it.named.is_none()).count(), 1);
}

#[test]
fn a_server_that_is_silent_too_is_gone_after_a_last_probe() {
    let mut rig = flooded();
    rig.run(180.0);
    rig.watch.handle_browsing_begun(rig.now);
    rig.announce(Announcement::Found(printer("_ipp._tcp", 631, "10.0.0.6")));
    rig.announce(Announcement::Found(leaving()));
    rig.run(187.9);
    rig.stop("10.0.0.5");
    let told = rig.run(188.7);
    assert_eq!(told, [goodbye("10.0.0.5")]);
    assert!(!rig.calls("10.0.0.5", 188.0).is_empty());
}

#[test]
fn a_browser_that_ends_again_before_that_says_nothing_of_anybody() {
    let mut rig = flooded();
    rig.watch.handle_browsing_begun(rig.now);
    rig.run(43.0);
    rig.watch.handle_browsing_ended();
    assert_eq!(rig.run(100.0), []);
    rig.watch.handle_browsing_begun(rig.now);
    assert_eq!(rig.run(108.4).len(), 3);
}

#[test]
fn what_a_flood_has_left_makes_room_for_what_is_announced_anew() {
    let mut rig = Rig::new(&[]);
    rig.watch.handle_browsing_begun(rig.now);
    for n in 0..limits::ANNOUNCED_MAX {
        let forged = Announced { instance: n.to_string(), ..leaving() };
        rig.announce(Announcement::Found(forged));
    }
    rig.run(40.0);
    assert_eq!(rig.watch.servers().count(), limits::WATCHED_MAX);
    rig.watch.handle_browsing_ended();
    rig.run(70.0);
    rig.watch.handle_browsing_begun(rig.now);
    rig.announce(Announcement::Found(printer("_ipp._tcp", 631, "10.0.0.6")));
    rig.run(100.0);
    let there: Vec<_> = rig.watch.servers().map(|it| it.ip.to_string()).collect();
    assert_eq!(there, ["10.0.0.6"]);
}

#[test]
fn what_may_be_announced_again_makes_no_room_for_what_is_announced_before_it() {
    let mut rig = Rig::new(&[]);
    rig.watch.handle_browsing_begun(rig.now);
    rig.announce(Announcement::Found(printer("_ipp._tcp", 631, "10.0.0.6")));
    rig.run(10.0);
    for n in 1..limits::ANNOUNCED_MAX {
        let forged = Announced { instance: format!("Z{n}"), ..leaving() };
        rig.announce(Announcement::Found(forged));
    }
    rig.run(40.0);
    rig.watch.handle_browsing_ended();
    rig.run(70.0);
    rig.watch.handle_browsing_begun(rig.now);
    let scanner =
        Announced { instance: "Scanner".into(), ..printer("_ipp._tcp", 6566, "10.0.0.8") };
    assert_eq!(rig.announce(Announcement::Found(scanner)), []);
    assert_eq!(rig.run(71.0), []);
    assert_eq!(rig.announce(Announcement::Found(printer("_ipp._tcp", 631, "10.0.0.6"))), []);
    let told = rig.run(100.0);
    assert!(!told.contains(&goodbye("10.0.0.6")), "it was announced again");
    let there: Vec<_> = rig.watch.servers().map(|it| it.ip.to_string()).collect();
    assert_eq!(there, ["10.0.0.6", "10.0.0.8"]);
}

#[test]
fn after_two_floods_there_is_room_for_what_is_announced() {
    let mut rig = Rig::new(&[]);
    for flood in ["A", "B"] {
        rig.watch.handle_browsing_begun(rig.now);
        for n in 0..limits::ANNOUNCED_MAX {
            let forged = Announced { instance: format!("{flood}{n}"), ..leaving() };
            rig.announce(Announcement::Found(forged));
        }
        rig.watch.handle_browsing_ended();
    }
    rig.watch.handle_browsing_begun(rig.now);
    rig.announce(Announcement::Found(printer("_ipp._tcp", 631, "10.0.0.6")));
    rig.run(100.0);
    let there: Vec<_> = rig.watch.servers().map(|it| it.ip.to_string()).collect();
    assert_eq!(there, ["10.0.0.6"]);
}
