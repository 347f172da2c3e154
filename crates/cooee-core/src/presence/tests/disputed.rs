//! Names that change, are said twice, or are another's.

use super::announced::workshop;
use super::services::printer;
use super::*;
use crate::announced::{Announced, AnnouncedAddress, Announcement};

fn goodbye(ip: &str) -> Told {
    Told::Gone(ip.to_owned(), Departure::Goodbye)
}

fn called(name: &str, ip: &str) -> Announced {
    Announced { instance: name.into(), ..workshop(ip, "1") }
}

fn on_links(ip: &str, links: &[u32]) -> Announced {
    let ip = ip.parse().expect("an address");
    let addresses = links.iter().map(|link| AnnouncedAddress { ip, interface: Some(*link) });
    Announced { addresses: addresses.collect(), ..printer("_ipp._tcp", 631, "10.0.0.6") }
}

#[test]
fn another_port_of_a_service_is_one_change() {
    let mut rig = Rig::new(&[]);
    rig.run(10.0);
    rig.announce(Announcement::Found(printer("_ipp._tcp", 631, "10.0.0.6")));
    assert_eq!(rig.run(12.0), [found("10.0.0.6")]);
    let moved = printer("_ipp._tcp", 8631, "10.0.0.6");
    assert_eq!(rig.announce(Announcement::Changed(moved.clone())), [changed("10.0.0.6")]);
    assert_eq!(rig.run(60.0), []);
    assert_eq!(rig.watch.servers().map(|it| it.port).collect::<Vec<_>>(), [8631]);
    assert_eq!(rig.announce(Announcement::Gone(moved)), [goodbye("10.0.0.6")]);
}

#[test]
fn a_silent_server_with_another_port_leaves_none_behind() {
    let mut rig = Rig::new(&[]);
    rig.run(10.0);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    assert_eq!(rig.run(12.0), [found("10.0.0.5")]);
    let mut moved = workshop("10.0.0.5", "1");
    let services = vec![(crate::announced::ServiceType::http(), 8001)];
    let marker = crate::announced::Marker { services, instance: "1".into(), ..Default::default() };
    moved.txt = marker.record(PORT).txt;
    let mut told = rig.announce(Announcement::Changed(moved.clone()));
    told.extend(rig.run(60.0));
    assert_eq!(rig.watch.servers().count(), 1, "{told:?}");
    assert_eq!(rig.announce(Announcement::Gone(moved)), [goodbye("10.0.0.5")]);
}

#[test]
fn a_server_that_answers_by_another_name_than_that_of_its_goodbye_is_not_gone() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(200.0);
    rig.stop("10.0.0.5");
    rig.announce(Announcement::Gone(workshop("10.0.0.5", "1")));
    rig.run(200.05);
    let mut told = rig.announce(Announcement::Found(called("Workshop (2)", "10.0.0.5")));
    told.extend(rig.run(200.1));
    rig.start("10.0.0.5");
    rig.hear(SocketAddr::from(([10, 0, 0, 5], PORT)), "SERVER_IP:10.0.0.5");
    told.extend(rig.run(260.0));
    assert_eq!(told, [changed("10.0.0.5")]);
    assert_eq!(rig.names(), [Some("Workshop (2)".to_owned())]);
}

#[test]
fn a_server_keeps_its_name_whatever_else_is_announced_there() {
    for other in ["Attic", "Zoo"] {
        let mut rig = Rig::new(&["10.0.0.5"]);
        rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
        rig.run(60.0);
        assert_eq!(rig.announce(Announcement::Found(called(other, "10.0.0.5"))), []);
        assert_eq!(rig.run(200.0), [], "{other}");
        assert!(rig.calls("10.0.0.255", 150.0).len() < 10, "nothing happens, {other}");
        rig.stop("10.0.0.5");
        assert_eq!(rig.announce(Announcement::Gone(called(other, "10.0.0.5"))), []);
        assert_eq!(rig.run(202.0), [], "it is no goodbye of the server, {other}");
        rig.start("10.0.0.5");
        assert_eq!(rig.run(220.0), []);
        assert_eq!(rig.names(), [Some("Workshop".to_owned())]);
    }
}

#[test]
fn a_service_with_link_local_addresses_alone_is_one_on_each_link() {
    let mut rig = Rig::new(&[]);
    rig.run(10.0);
    let both = on_links("fe80::6", &[2, 3]);
    rig.announce(Announcement::Found(both.clone()));
    assert_eq!(rig.run(12.0), [found("fe80::6"), found("fe80::6")]);
    assert_eq!(rig.run(200.0), []);
    assert!(rig.calls("10.0.0.255", 120.0).len() < 10, "nothing happens");
    let known = Announced { addresses: both.addresses.clone(), ..on_links("10.0.0.6", &[2]) };
    let known = known.with_addresses(on_links("10.0.0.6", &[2]).addresses);
    let mut told = rig.announce(Announcement::Changed(known.clone()));
    told.extend(rig.run(300.0));
    assert_eq!(told, [changed("10.0.0.6"), goodbye("fe80::6")]);
    assert_eq!(rig.announce(Announcement::Gone(known)), [goodbye("10.0.0.6")]);
}

#[test]
fn a_silent_server_on_two_links_does_not_quicken_the_pace() {
    let mut rig = Rig::new(&[]);
    rig.run(10.0);
    let both = Announced {
        addresses: on_links("fe80::6", &[2, 3]).addresses,
        ..workshop("10.0.0.5", "1")
    };
    rig.announce(Announcement::Found(both));
    rig.run(100.0);
    assert_eq!(rig.run(200.0), []);
    assert!(rig.calls("10.0.0.255", 120.0).len() < 10, "nothing happens");
}

#[test]
fn a_newcomer_waits_for_its_other_addresses_though_it_is_announced() {
    let mut rig = Rig::new(&[]);
    rig.run(100.0);
    rig.announce(Announcement::Found(printer("_ipp._tcp", 631, "10.0.0.6")));
    assert_eq!(rig.run(100.15), [found("10.0.0.6")]);
    rig.hear(SocketAddr::from(([10, 0, 0, 5], PORT)), "SERVER_IP:10.0.0.5");
    rig.start("10.0.0.5");
    assert_eq!(rig.announce(Announcement::Found(workshop("10.0.0.5", "1"))), []);
    assert_eq!(rig.run(100.24), []);
    assert_eq!(rig.run(100.26), [found("10.0.0.5")]);
    let names = [Some("Printer".to_owned()), Some("Workshop".to_owned())];
    assert_eq!(rig.names(), names);
}

#[test]
fn a_silent_server_that_is_announced_again_at_once_may_change() {
    let mut rig = Rig::new(&[]);
    rig.run(10.0);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(20.0);
    rig.announce(Announcement::Gone(workshop("10.0.0.5", "1")));
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    assert_eq!(rig.run(40.0), [found("10.0.0.5")]);
    rig.announce(Announcement::Changed(workshop("10.0.0.9", "1")));
    rig.run(60.0);
    assert_eq!(rig.watch.servers().map(|it| it.ip.to_string()).collect::<Vec<_>>(), ["10.0.0.9"]);
}

#[test]
fn a_service_that_changes_before_it_was_told_of_is_found_as_it_is() {
    let first = on_links("fe80::6", &[2, 3]);
    for now in [printer("_ipp._tcp", 8631, "10.0.0.6"), printer("_ipp._tcp", 631, "10.0.0.6")] {
        let mut rig = Rig::new(&[]);
        rig.run(10.0);
        rig.announce(Announcement::Found(first.clone()));
        assert_eq!(rig.announce(Announcement::Changed(now.clone())), []);
        assert_eq!(rig.run(60.0), [found("10.0.0.6")]);
        assert_eq!(rig.announce(Announcement::Gone(now)), [goodbye("10.0.0.6")]);
    }
}

#[test]
fn a_service_that_leaves_one_of_two_links_is_gone_there_alone() {
    // At whatever time of a look: another server is silent, so that each of them is judged.
    for at in (0..40).map(|n| 13.0 + 0.05 * f64::from(n)) {
        let mut rig = Rig::new(&["10.0.0.5"]);
        rig.run(10.0);
        rig.announce(Announcement::Found(on_links("fe80::6", &[2, 3])));
        rig.run(12.0);
        rig.stop("10.0.0.5");
        rig.run(at);
        assert_eq!(rig.watch.servers().count(), 3);
        let mut told = rig.announce(Announcement::Changed(on_links("fe80::6", &[2])));
        told.extend(rig.run(at + 100.0));
        assert!(told.contains(&goodbye("fe80::6")), "at {at}: {told:?}");
        let left: Vec<_> = rig.watch.servers().map(|it| it.interface).collect();
        assert_eq!(left, [Some(2)], "at {at}");
    }
}

#[test]
fn a_name_that_another_host_has_taken_is_given_up_for_the_new_one() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(60.0);
    let services = vec![(crate::announced::ServiceType::http(), 9000)];
    let marker = crate::announced::Marker { services, instance: "2".into(), ..Default::default() };
    let taken = Announced { txt: marker.record(PORT).txt, ..workshop("10.0.0.9", "2") };
    rig.announce(Announcement::Changed(taken));
    rig.announce(Announcement::Found(called("Workshop (2)", "10.0.0.5")));
    rig.run(120.0);
    let name = |it: &ServerRecord| Some((it.ip.to_string(), it.named.as_ref()?.name.clone()));
    let mut names: Vec<_> = rig.watch.servers().filter_map(name).collect();
    names.sort();
    let named = |ip: &str, name: &str| (ip.to_owned(), name.to_owned());
    assert_eq!(names, [named("10.0.0.5", "Workshop (2)"), named("10.0.0.9", "Workshop")]);
}

#[test]
fn a_server_whose_name_another_host_takes_stays_beside_it() {
    for (port, is_first) in [(8000, true), (8000, false), (9000, true), (9000, false)] {
        for from in [20.0, 200.0] {
            let mut rig = Rig::new(&["10.0.0.5"]);
            rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
            rig.run(from);
            let services = vec![(crate::announced::ServiceType::http(), port)];
            let marker =
                crate::announced::Marker { services, instance: "2".into(), ..Default::default() };
            let taken = Announced { txt: marker.record(PORT).txt, ..workshop("10.0.0.9", "2") };
            let newcomer = ([10, 0, 0, 9], PORT).into();
            rig.servers.push((newcomer, format!("SERVER_IP:10.0.0.9:{port}")));
            rig.servers.rotate_right(usize::from(is_first));
            let mut told = rig.announce(Announcement::Changed(taken));
            told.extend(rig.announce(Announcement::Found(called("Workshop (2)", "10.0.0.5"))));
            told.extend(rig.run(from + 100.0));
            told.sort_by_key(|it| matches!(it, Told::Changed(_)));
            let case = format!("port {port}, first: {is_first}, from {from}");
            assert_eq!(told, [found("10.0.0.9"), changed("10.0.0.5")], "{case}");
            let name = |it: &ServerRecord| (it.ip.to_string(), it.named.clone().map(|it| it.name));
            let names: Vec<_> = rig.watch.servers().map(name).collect();
            let named = |ip: &str, name: &str| (ip.to_owned(), Some(name.to_owned()));
            let expected = [named("10.0.0.5", "Workshop (2)"), named("10.0.0.9", "Workshop")];
            assert_eq!(names, expected, "{case}");
        }
    }
}

#[test]
fn a_name_at_another_address_is_no_start_of_the_server_that_had_it() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(60.0);
    assert_eq!(rig.announce(Announcement::Changed(workshop("10.0.0.9", "2"))), []);
    assert_eq!(rig.run(100.0), []);
}

#[test]
fn a_server_that_says_goodbye_to_be_renamed_and_is_not_heard_is_there() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(200.0);
    rig.stop("10.0.0.5");
    let mut told = rig.announce(Announcement::Gone(workshop("10.0.0.5", "1")));
    told.extend(rig.run(200.05));
    told.extend(rig.announce(Announcement::Found(called("Workshop (2)", "10.0.0.5"))));
    told.extend(rig.run(202.0));
    rig.start("10.0.0.5");
    told.extend(rig.run(260.0));
    assert_eq!(told, [changed("10.0.0.5")]);
    assert_eq!(rig.names(), [Some("Workshop (2)".to_owned())]);
}
