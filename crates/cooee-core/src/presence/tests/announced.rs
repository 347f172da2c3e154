use super::*;
use crate::announced::{Announced, AnnouncedAddress, Announcement, Marker, ServiceType};

pub(super) fn workshop(ip: &str, start: &str) -> Announced {
    let services = vec![(ServiceType::http(), 8000)];
    let marker = Marker { services, instance: start.into(), ..Marker::default() };
    let address = AnnouncedAddress { ip: ip.parse().expect("an address"), interface: Some(2) };
    Announced::new("Workshop", ServiceType::cooee(), "workshop.local", PORT)
        .with_addresses([address])
        .with_txt(marker.record(PORT).txt)
}

fn goodbye(ip: &str) -> Told {
    Told::Gone(ip.to_owned(), Departure::Goodbye)
}

impl Rig {
    pub(super) fn announce(&mut self, news: Announcement) -> Vec<Told> {
        self.watch.handle_announcement(self.now, &news);
        self.drain();
        self.take()
    }

    pub(super) fn names(&self) -> Vec<Option<String>> {
        let name = |it: &ServerRecord| Some(it.named.as_ref()?.name.clone());
        self.watch.servers().map(name).collect()
    }
}

#[test]
fn a_server_that_answers_and_is_announced_is_one_with_its_name() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    assert_eq!(rig.run(0.1), [found("10.0.0.5")]);
    assert_eq!(rig.announce(Announcement::Found(workshop("10.0.0.5", "1"))), [changed("10.0.0.5")]);
    assert_eq!(rig.names(), [Some("Workshop".to_owned())]);
    assert_eq!(rig.run(100.0), []);
}

#[test]
fn a_server_that_is_announced_later_is_probed_at_once_and_found_once() {
    let mut rig = Rig::new(&[]);
    rig.run(300.0);
    rig.start("10.0.0.5");
    assert_eq!(rig.announce(Announcement::Found(workshop("10.0.0.5", "1"))), []);
    assert_eq!(rig.run(300.4), [found("10.0.0.5")]);
    assert_eq!(rig.names(), [Some("Workshop".to_owned())]);
    assert_eq!(rig.run(400.0), []);
}

#[test]
fn a_server_that_does_not_answer_is_there_as_long_as_it_is_announced() {
    let mut rig = Rig::new(&[]);
    rig.run(10.0);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    assert_eq!(rig.run(11.0), [found("10.0.0.5")]);
    assert_eq!(rig.run(200.0), []);
    let gone = Announcement::Gone(workshop("10.0.0.5", "1"));
    assert_eq!(rig.announce(gone), [goodbye("10.0.0.5")]);
}

#[test]
fn a_goodbye_is_believed_after_300_ms_of_silence() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(200.0);
    rig.stop("10.0.0.5");
    assert_eq!(rig.announce(Announcement::Gone(workshop("10.0.0.5", "1"))), []);
    assert_eq!(rig.run(200.4), [goodbye("10.0.0.5")]);
    assert_eq!(rig.run(300.0), []);
}

#[test]
fn a_goodbye_is_believed_at_once_if_nothing_listens() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(200.0);
    rig.stop("10.0.0.5");
    rig.refusing.insert(([10, 0, 0, 5], PORT).into());
    rig.announce(Announcement::Gone(workshop("10.0.0.5", "1")));
    assert_eq!(rig.run(200.01), [goodbye("10.0.0.5")]);
}

#[test]
fn a_server_that_answers_after_a_goodbye_has_no_name_any_more() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(20.0);
    rig.announce(Announcement::Gone(workshop("10.0.0.5", "1")));
    assert_eq!(rig.run(30.0), [changed("10.0.0.5")]);
    assert_eq!(rig.names(), [None]);
}

#[test]
fn another_start_is_one_change() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(20.0);
    let again = Announcement::Changed(workshop("10.0.0.5", "2"));
    assert_eq!(rig.announce(again), [changed("10.0.0.5")]);
    assert_eq!(rig.run(30.0), []);
}

#[test]
fn a_new_address_is_one_change_by_the_name() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(200.0);
    rig.stop("10.0.0.5");
    rig.start("10.0.0.9");
    rig.announce(Announcement::Changed(workshop("10.0.0.9", "1")));
    assert_eq!(rig.run(201.0), [changed("10.0.0.9")]);
    assert_eq!(rig.run(230.0), []);
}

#[test]
fn a_dead_server_goes_though_it_is_still_announced_and_comes_back_with_its_name() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(10.0);
    rig.stop("10.0.0.5");
    assert_eq!(rig.run(20.0), [silent("10.0.0.5")]);
    assert_eq!(rig.announce(Announcement::Changed(workshop("10.0.0.5", "1"))), []);
    assert_eq!(rig.run(60.0), []);
    rig.start("10.0.0.5");
    assert_eq!(rig.run(100.0), [found("10.0.0.5")]);
    assert_eq!(rig.names(), [Some("Workshop".to_owned())]);
}

#[test]
fn a_flood_of_goodbyes_makes_two_looks_a_second() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    for n in 0..100 {
        rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
        rig.announce(Announcement::Gone(workshop("10.0.0.5", "1")));
        rig.run(10.0 + f64::from(n) * 0.02);
    }
    assert!(rig.calls("10.0.0.255", 10.0).len() <= 2 * 2 + 2);
    assert_eq!(rig.watch.servers().count(), 1);
}

/// Announces others every tenth of a second, for `seconds`.
fn announce_others(rig: &mut Rig, seconds: u32) -> Vec<Told> {
    let (from, mut told) = (rig.at().as_secs_f64(), Vec::new());
    for n in 1..=seconds * 10 {
        told.extend(rig.announce(Announcement::Changed(workshop("10.0.0.6", "1"))));
        told.extend(rig.run(from + f64::from(n) * 0.1));
    }
    told
}

#[test]
fn a_dead_server_goes_though_others_are_announced_again_and_again() {
    let mut rig = Rig::new(&["10.0.0.5", "10.0.0.6"]);
    rig.announce(Announcement::Found(workshop("10.0.0.6", "1")));
    rig.run(10.0);
    rig.stop("10.0.0.5");
    assert_eq!(announce_others(&mut rig, 12), [silent("10.0.0.5")]);
}

#[test]
fn a_goodbye_is_believed_though_others_are_announced_again_and_again() {
    let mut rig = Rig::new(&["10.0.0.5", "10.0.0.6"]);
    let parting = Announced { instance: "Parting".into(), ..workshop("10.0.0.5", "1") };
    rig.announce(Announcement::Found(parting.clone()));
    rig.announce(Announcement::Found(workshop("10.0.0.6", "1")));
    rig.run(10.0);
    announce_others(&mut rig, 2);
    rig.stop("10.0.0.5");
    rig.announce(Announcement::Gone(parting));
    assert_eq!(announce_others(&mut rig, 2), [goodbye("10.0.0.5")]);
}

#[test]
fn a_server_of_several_addresses_does_not_change_with_the_order_of_its_answers() {
    for addresses in [&["10.0.0.5", "10.0.0.6"][..], &["10.0.0.5", "10.0.0.6", "10.0.0.7"]] {
        let mut rig = Rig::new(&[]);
        let mut all = workshop(addresses[0], "1");
        all.addresses = addresses.iter().flat_map(|ip| workshop(ip, "1").addresses).collect();
        rig.announce(Announcement::Found(all));
        addresses.iter().for_each(|ip| rig.start(ip));
        rig.run(10.0);
        let server = rig.watch.servers().next().expect("it is there");
        assert_eq!((server.addresses().count(), rig.watch.servers().count()), (addresses.len(), 1));
        for n in 11..100 {
            rig.servers.rotate_left(1);
            assert_eq!(rig.run(f64::from(n)), [], "after {n} s");
        }
        assert!(rig.calls("10.0.0.255", 50.0).len() < 20, "nothing happens");
    }
}

#[test]
fn a_new_address_is_one_change_though_the_old_one_is_announced_for_a_second_more() {
    for from in [10.0, 200.0] {
        let mut rig = Rig::new(&["10.0.0.5"]);
        rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
        rig.run(from);
        rig.stop("10.0.0.5");
        rig.start("10.0.0.9");
        let mut both = workshop("10.0.0.5", "1");
        both.addresses.extend(workshop("10.0.0.9", "1").addresses);
        let mut told = rig.announce(Announcement::Changed(both));
        told.extend(rig.run(from + 1.0));
        told.extend(rig.announce(Announcement::Changed(workshop("10.0.0.9", "1"))));
        told.extend(rig.run(from + 2.0));
        assert_eq!(told, [changed("10.0.0.9")], "after {from} s");
        assert_eq!(rig.run(from + 60.0), []);
    }
}

#[test]
fn a_server_that_is_announced_again_keeps_its_name() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(20.0);
    rig.announce(Announcement::Gone(workshop("10.0.0.5", "1")));
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    assert_eq!(rig.run(30.0), []);
    assert_eq!(rig.names(), [Some("Workshop".to_owned())]);
}

#[test]
fn a_goodbye_counts_no_more_once_the_server_is_announced_again() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(20.0);
    rig.stop("10.0.0.5");
    rig.announce(Announcement::Gone(workshop("10.0.0.5", "1")));
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    assert_eq!(rig.run(22.0), []);
    rig.start("10.0.0.5");
    assert_eq!(rig.run(40.0), []);
    assert_eq!(rig.names(), [Some("Workshop".to_owned())]);
}

#[test]
fn a_goodbye_that_is_said_again_and_again_is_believed_as_soon() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(200.0);
    rig.stop("10.0.0.5");
    let mut told = Vec::new();
    for n in 0..7 {
        told.extend(rig.announce(Announcement::Gone(workshop("10.0.0.5", "1"))));
        told.extend(rig.run(200.0 + f64::from(n) * 0.1));
    }
    assert_eq!(told, [goodbye("10.0.0.5")]);
}

#[test]
fn a_goodbye_is_not_believed_in_a_look_in_which_this_host_drops_answers() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.run(200.0);
    rig.stop("10.0.0.5");
    rig.announce(Announcement::Gone(workshop("10.0.0.5", "1")));
    rig.run(200.1);
    rig.watch.handle_drops(1);
    assert_eq!(rig.run(200.4), []);
    assert_eq!(rig.run(201.6), [goodbye("10.0.0.5")], "the next look drops none");
}

#[test]
fn a_silent_server_that_is_announced_at_another_address_has_come_back() {
    for answers in [false, true] {
        let mut rig = Rig::new(&["10.0.0.5"]);
        rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
        rig.run(10.0);
        rig.stop("10.0.0.5");
        rig.run(200.0);
        let mut less = workshop("10.0.0.5", "1");
        less.addresses.clear();
        assert_eq!(rig.announce(Announcement::Changed(less)), []);
        assert_eq!(rig.run(300.0), [], "what expires is no sign of life");
        if answers {
            rig.start("10.0.0.9");
        }
        rig.announce(Announcement::Changed(workshop("10.0.0.9", "1")));
        assert_eq!(rig.run(302.0), [found("10.0.0.9")], "answers: {answers}");
        assert_eq!(rig.names(), [Some("Workshop".to_owned())]);
    }
}
