use std::net::Ipv4Addr;

use super::*;
use crate::announced::{
    Announced, AnnouncedAddress, Announcement, Marker, ServiceType, Txt, TxtPair,
};
use crate::wire::Protocol;

fn at(ip: &str, interface: u32) -> AnnouncedAddress {
    AnnouncedAddress { ip: ip.parse().expect("an address"), interface: Some(interface) }
}

/// A server of ours with one service.
fn ours(name: &str, addresses: &[AnnouncedAddress], port: u16) -> Announced {
    let mut txt = Txt::new();
    txt.add("path=/".parse::<TxtPair>().expect("a pair")).expect("room");
    let marker = Marker { services: vec![(ServiceType::http(), port)], txt, ..Marker::default() };
    let record = marker.record(9999);
    Announced::new(name, ServiceType::cooee(), "workshop.local", 9999)
        .with_addresses(addresses.iter().copied())
        .with_txt(record.txt)
}

fn settled() -> DiscoveryConfig {
    DiscoveryConfig::default()
}

fn alone(wait: Wait) -> DiscoveryConfig {
    DiscoveryConfig { probes: false, wait, ..DiscoveryConfig::default() }
}

impl Rig {
    fn announce(&mut self, announced: Announced) -> Vec<ServerRecord> {
        self.discovery.handle_announcement(self.now, &Announcement::Found(announced));
        let events = std::iter::from_fn(|| self.discovery.poll_event());
        events
            .filter_map(|event| match event {
                DiscoveryEvent::Found(server) => Some(server),
                _ => None,
            })
            .collect()
    }

    fn rows(&self) -> Vec<(String, &'static str, &'static str, Option<&str>)> {
        let name = |server: &'_ ServerRecord| server.address().to_string();
        let servers = self.discovery.servers().iter();
        servers
            .map(|it| {
                let named = it.named.as_ref().map(|named| named.name.as_str());
                (name(it), it.protocol.as_str(), it.via.as_str(), named)
            })
            .collect()
    }
}

#[test]
fn a_server_that_is_only_announced_is_found_unverified_with_what_it_says() {
    let mut rig = Rig::new(settled());
    let found = rig.announce(ours("Workshop", &[at("10.0.1.7", 2), at("fe80::7", 2)], 8000));
    let [server] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        (server.protocol, server.via, server.trust),
        (Protocol::DnsSd, Via::Mdns, Trust::Unverified)
    );
    assert_eq!(server.address().to_string(), "10.0.1.7:8000");
    assert_eq!(server.other_addresses, ["fe80::7".parse::<IpAddr>().expect("an address")]);
    let named = server.named.as_ref().expect("it has a name");
    assert_eq!((named.name.as_str(), named.hostname.as_str()), ("Workshop", "workshop.local"));
    assert_eq!(named.services, [(ServiceType::http(), 8000)]);
    assert_eq!(named.txt.text("path").expect("it is there"), "/");
    assert!(named.txt.pair("service").is_none(), "what is of the marker is not the server's");
    assert!(rig.announce(ours("Workshop", &[at("10.0.1.7", 2)], 8000)).is_empty());
}

#[test]
fn whichever_comes_first_an_answer_and_an_announcement_are_one_server() {
    for announced_first in [true, false] {
        let mut rig = Rig::new(settled());
        let workshop = ours("Workshop", &[at("10.0.1.7", 2), at("fe80::7", 2)], 8000);
        let mut told = 0;
        if announced_first {
            told += rig.announce(workshop.clone()).len();
        }
        told += usize::from(rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7").is_some());
        if !announced_first {
            told += rig.announce(workshop).len();
        }
        assert_eq!(told, 1);
        let row = ("10.0.1.7:8000".to_owned(), "classic", "broadcast", Some("Workshop"));
        assert_eq!(rig.rows(), [row]);
        let server = &rig.discovery.servers()[0];
        assert_eq!((server.trust, server.raw.is_empty()), (Trust::MatchesSource, false));
    }
}

#[test]
fn another_port_or_another_link_is_another_server() {
    let mut rig = Rig::new(settled());
    rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7:81");
    rig.announce(ours("Workshop", &[at("10.0.1.7", 2)], 8000));
    rig.announce(ours("Elsewhere", &[at("10.0.1.7", 3)], 8000));
    assert_eq!(rig.rows().len(), 3);
}

#[test]
fn a_name_that_was_announced_first_stays() {
    let mut rig = Rig::new(settled());
    rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
    rig.announce(ours("Workshop", &[at("10.0.1.7", 2)], 8000));
    rig.announce(ours("Thief", &[at("10.0.1.7", 2)], 8000));
    let names: Vec<_> = rig.rows().into_iter().map(|row| row.3.map(str::to_owned)).collect();
    assert_eq!(names, [Some("Workshop".to_owned()), Some("Thief".to_owned())]);
    assert_eq!(rig.rows()[1].1, "dns-sd", "it answered nothing");
}

#[test]
fn one_link_local_address_on_two_links_is_two_servers() {
    let mut rig = Rig::new(settled());
    let found = rig.announce(ours("Workshop", &[at("fe80::1", 2), at("fe80::1", 3)], 8000));
    let addresses: Vec<_> = found.iter().map(|server| server.address().to_string()).collect();
    assert_eq!(addresses, ["[fe80::1%2]:8000", "[fe80::1%3]:8000"]);
}

#[test]
fn an_address_that_is_heard_later_is_of_the_same_server() {
    let mut rig = Rig::new(settled());
    assert_eq!(rig.announce(ours("Workshop", &[at("fe80::1", 2)], 8000)).len(), 1);
    let both = [at("fe80::1", 2), at("10.0.1.7", 2)];
    assert!(rig.announce(ours("Workshop", &both, 8000)).is_empty());
    let row = ("10.0.1.7:8000".to_owned(), "dns-sd", "mdns", Some("Workshop"));
    assert_eq!(rig.rows(), [row]);
}

/// A server of both families, whose addresses are announced one after the other.
#[test]
fn a_server_of_both_families_is_one_whatever_is_heard_first() {
    const OVER_V4: (&str, &[u8]) = ("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
    const OVER_V6: (&str, &[u8]) = ("[fe80::7]:9999", b"SERVER_IP:[fe80::7] 10.0.1.7");
    let half = || ours("Workshop", &[at("fe80::7", 2)], 8000);
    let whole = || ours("Workshop", &[at("fe80::7", 2), at("10.0.1.7", 2)], 8000);
    for order in
        ["46hw", "64hw", "h46w", "h64w", "hw46", "hw64", "4h6w", "6h4w", "h4w6", "h6w4", "4hw6"]
    {
        let mut rig = Rig::new(settled());
        rig.announce(ours("Other", &[at("10.0.1.9", 2)], 8000));
        for event in order.chars() {
            match event {
                '4' => drop(rig.hear(OVER_V4.0, OVER_V4.1)),
                '6' => drop(rig.hear(OVER_V6.0, OVER_V6.1)),
                'h' => drop(rig.announce(half())),
                _ => drop(rig.announce(whole())),
            }
        }
        let names: Vec<_> = rig.rows().into_iter().map(|row| (row.0, row.1, row.3)).collect();
        let row = ("10.0.1.7:8000".to_owned(), "classic", Some("Workshop"));
        assert!(names.contains(&row) && names.len() == 2, "{order}: {names:?}");
    }
}

#[test]
fn a_forged_instance_at_a_servers_other_address_does_not_keep_its_name_from_it() {
    let mut rig = Rig::new(settled());
    rig.announce(ours("Forged", &[at("10.0.1.99", 2), at("fe80::7", 2)], 8000));
    rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
    rig.hear("[fe80::7]:9999", b"SERVER_IP:[fe80::7] 10.0.1.7");
    rig.announce(ours("Workshop", &[at("fe80::7", 2)], 8000));
    let names: Vec<_> = rig.rows().into_iter().map(|row| (row.0, row.1, row.3)).collect();
    let forged = ("10.0.1.99:8000".to_owned(), "dns-sd", Some("Forged"));
    let server = ("10.0.1.7:8000".to_owned(), "classic", Some("Workshop"));
    assert_eq!(names, [forged, server]);
}

/// An instance with as many services and addresses as are taken, of which no two have one.
fn forged(name: &str, free: &mut impl Iterator<Item = u32>) -> Announced {
    let services = (1..=limits::PUBLISHED_SERVICES_MAX).map(|port| format!("a:{port}"));
    let services = services.collect::<Vec<_>>().join(",");
    let txt = Txt::heard([("service", Some(services.as_bytes()))]);
    let addresses = free.by_ref().take(limits::ANNOUNCED_ADDRESSES_MAX);
    let addresses = addresses
        .map(|bits| AnnouncedAddress { ip: Ipv4Addr::from(bits).into(), interface: Some(2) });
    let forged = Announced::new(name, ServiceType::cooee(), "forged.local", 9999);
    forged.with_addresses(addresses).with_txt(txt)
}

#[test]
fn instances_without_end_take_no_memory_without_end() {
    let mut rig = Rig::new(settled());
    let mut free = Ipv4Addr::new(10, 1, 0, 0).to_bits()..;
    for n in 0..300 {
        rig.announce(forged(&format!("Forged {n}"), &mut free));
    }
    assert_eq!(rig.discovery.servers.places(), limits::ANNOUNCED_ROWS_MAX);

    let workshop = ours("Workshop", &[at("10.0.1.7", 2)], 8000);
    rig.announce(workshop.clone());
    rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
    rig.announce(workshop);
    let last: Vec<_> = rig.rows().into_iter().skip(300).map(|row| (row.1, row.3)).collect();
    assert_eq!(last, [("classic", Some("Workshop"))]);
}

#[test]
fn an_instance_that_changes_without_end_is_known_by_its_addresses_of_now() {
    let mut rig = Rig::new(settled());
    let mut free = Ipv4Addr::new(10, 1, 0, 0).to_bits()..;
    for _ in 0..10 {
        rig.announce(forged("Forged", &mut free));
        let places = limits::PUBLISHED_SERVICES_MAX * limits::ANNOUNCED_ADDRESSES_MAX;
        assert_eq!(rig.discovery.servers.places(), places);
    }
}

#[test]
fn an_address_that_an_instance_had_before_may_be_another_servers() {
    for answers_first in [false, true] {
        let mut rig = Rig::new(settled());
        rig.announce(ours("Workshop", &[at("10.0.1.7", 2)], 8000));
        rig.announce(ours("Workshop", &[at("10.0.1.9", 2)], 8000));
        if answers_first {
            rig.hear("10.0.1.9:9999", b"SERVER_IP:10.0.1.9");
        }
        rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
        let protocol = if answers_first { "classic" } else { "dns-sd" };
        let rows: Vec<_> = rig.rows().into_iter().map(|row| (row.0, row.1, row.3)).collect();
        let named = ("10.0.1.9:8000".to_owned(), protocol, Some("Workshop"));
        assert_eq!(rows, [named, ("10.0.1.7:8000".to_owned(), "classic", None)]);
    }
}

#[test]
fn an_address_that_a_server_has_answered_from_stays_its_own() {
    let mut rig = Rig::new(settled());
    rig.announce(ours("Workshop", &[at("10.0.1.7", 2)], 8000));
    rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
    rig.announce(ours("Workshop", &[at("10.0.1.9", 2)], 8000));
    rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
    assert_eq!(rig.rows().len(), 1);
}

#[test]
fn other_types_are_listed_as_they_are_each_instance_for_itself() {
    let mut rig = Rig::new(alone(Wait::Settled));
    let printer = |name: &str| {
        Announced::new(name, "ipp".parse().expect("a type"), "cups.local", 631)
            .with_addresses([at("10.0.1.9", 2)])
    };
    assert_eq!(rig.announce(printer("Laser")).len(), 1);
    assert_eq!(rig.announce(printer("Photo")).len(), 1);
    let named: Vec<_> = rig.rows().into_iter().map(|row| row.3.map(str::to_owned)).collect();
    assert_eq!(named, [Some("Laser".to_owned()), Some("Photo".to_owned())]);
}

#[test]
fn announcements_do_not_hold_up_the_end_nor_stand_for_answers() {
    let end = |announced: bool| {
        let mut rig = Rig::new(DiscoveryConfig { wait: Wait::Quick, ..settled() });
        rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
        while rig.discovery.outcome().is_none() {
            rig.step();
            rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
            if announced {
                let name = format!("{:?}", rig.now - rig.start);
                rig.announce(ours(&name, &[at("10.0.1.8", 2)], 8000));
            }
        }
        (rig.outcome().elapsed, rig.outcome().estimate)
    };
    assert_eq!(end(true), end(false));
    let mut rig = Rig::new(DiscoveryConfig { wait: Wait::Quick, ..settled() });
    rig.announce(ours("Workshop", &[at("10.0.1.7", 2)], 8000));
    assert_eq!(rig.run(Duration::from_secs(9)), Duration::from_secs(5), "nobody has answered");
}

#[test]
fn the_first_may_be_one_that_is_announced() {
    let mut rig = Rig::new(DiscoveryConfig { wait: Wait::First, ..settled() });
    assert_eq!(rig.announce(ours("Workshop", &[at("10.0.1.7", 2)], 8000)).len(), 1);
    assert_eq!(rig.outcome().ended, Ended::First);
}

#[test]
fn without_probes_nothing_is_sent_and_the_end_is_that_of_the_queries() {
    for (wait, millis) in [(Wait::Quick, 700), (Wait::Settled, 1500), (Wait::Full, 5000)] {
        let mut rig = Rig::new(alone(wait));
        rig.announce(ours("Workshop", &[at("10.0.1.7", 2)], 8000));
        assert_eq!(rig.run(Duration::from_secs(9)), Duration::from_millis(millis), "{wait:?}");
        assert!(rig.sent.is_empty());
        assert_eq!(rig.outcome().estimate, None, "nobody was asked by name");
        let mut nobody = Rig::new(alone(wait));
        assert_eq!(nobody.run(Duration::from_secs(9)), Duration::from_secs(5), "{wait:?}");
    }
}

#[test]
fn news_holds_up_the_end_where_nothing_is_probed() {
    let mut rig = Rig::new(alone(Wait::Settled));
    rig.announce(ours("One", &[at("10.0.1.7", 2)], 8000));
    rig.run(Duration::from_millis(1400));
    rig.announce(ours("Two", &[at("10.0.1.8", 2)], 8000));
    assert_eq!(rig.run(Duration::from_secs(9)), Duration::from_millis(1900));
}

#[test]
fn a_family_that_is_not_spoken_is_not_listed() {
    let mut rig = Rig::new(DiscoveryConfig { families: Families::V4, ..settled() });
    assert!(rig.announce(ours("Six", &[at("fe80::7", 2)], 8000)).is_empty());
    let found = rig.announce(ours("Both", &[at("10.0.1.7", 2), at("fe80::7", 2)], 8000));
    assert!(found[0].other_addresses.is_empty());
}
