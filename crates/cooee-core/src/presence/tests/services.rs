//! Services of other types than Cooee's, which nothing but their announcements tells of.

use super::announced::workshop;
use super::*;
use crate::announced::{Announced, AnnouncedAddress, Announcement, ServiceType};

pub(super) fn printer(service: &str, port: u16, ip: &str) -> Announced {
    let address = AnnouncedAddress { ip: ip.parse().expect("an address"), interface: Some(2) };
    let service: ServiceType = service.parse().expect("a type");
    Announced::new("Printer", service, "printer.local", port).with_addresses([address])
}

/// A view of nothing but announcements, in which these are there.
fn listing(all: &[Announced]) -> Rig {
    let config = DiscoveryConfig { probes: false, ..DiscoveryConfig::default() };
    let mut rig = Rig::watching(config, &[]);
    rig.run(10.0);
    for announced in all {
        rig.announce(Announcement::Found(announced.clone()));
    }
    let told = rig.run(12.0);
    assert_eq!(told.len(), all.len(), "{told:?}");
    rig
}

impl Rig {
    /// The ports of the servers that are there, and by which type they are announced.
    fn services(&self) -> Vec<String> {
        let services = self.watch.servers().filter_map(|it| it.named.as_ref()).flat_map(|named| {
            named.services.iter().map(|(service, port)| format!("{service}:{port}"))
        });
        services.collect()
    }
}

#[test]
fn a_goodbye_of_one_type_leaves_another_of_the_same_name() {
    for (port, ip) in [(631, "10.0.0.5"), (80, "10.0.0.5"), (80, "10.0.0.6")] {
        let (web, ipp) = (printer("_http._tcp", 80, "10.0.0.5"), printer("_ipp._tcp", port, ip));
        let all = ["_http._tcp:80".to_owned(), format!("_ipp._tcp:{port}")];
        for parts in [0, 1] {
            let mut rig = listing(&[web.clone(), ipp.clone()]);
            assert_eq!(rig.services(), all);
            let parting = [&web, &ipp][parts].clone();
            let gone = Told::Gone(parting.addresses[0].ip.to_string(), Departure::Goodbye);
            assert_eq!(rig.announce(Announcement::Gone(parting)), [gone]);
            assert_eq!(rig.services(), [all[1 - parts].clone()]);
            assert_eq!(rig.run(100.0), [], "port {port}");
        }
    }
}

#[test]
fn a_goodbye_of_one_type_leaves_another_that_was_not_told_of_yet() {
    let (web, ipp) = (printer("_http._tcp", 80, "10.0.0.5"), printer("_ipp._tcp", 80, "10.0.0.5"));
    let mut rig = listing(&[]);
    rig.announce(Announcement::Found(web.clone()));
    rig.announce(Announcement::Found(ipp));
    rig.announce(Announcement::Gone(web));
    assert_eq!(rig.run(12.2), [found("10.0.0.5")]);
    assert_eq!(rig.services(), ["_ipp._tcp:80"]);
    assert_eq!(rig.run(100.0), []);
}

#[test]
fn a_goodbye_of_a_service_is_none_of_the_server_that_has_it() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    let marker = crate::announced::Marker {
        services: vec![(ServiceType::http(), 8000)],
        ..Default::default()
    };
    let mut ours = printer("_cooee._udp", PORT, "10.0.0.5");
    ours.txt = marker.record(PORT).txt;
    let web = printer("_http._tcp", 8000, "10.0.0.5");
    rig.announce(Announcement::Found(ours));
    rig.run(20.0);
    rig.announce(Announcement::Found(web.clone()));
    rig.run(30.0);
    assert_eq!(rig.watch.servers().count(), 2);
    rig.announce(Announcement::Gone(web));
    rig.run(60.0);
    let names: Vec<_> = rig.watch.servers().map(|it| (it.ip, it.named.is_some())).collect();
    assert_eq!(names, [([10, 0, 0, 5].into(), true)], "it keeps its name");
}

#[test]
fn a_service_that_goes_before_it_was_told_of_is_never_told_of() {
    let mut rig = Rig::new(&[]);
    rig.run(100.0);
    let printer = printer("_ipp._tcp", 631, "10.0.0.6");
    rig.announce(Announcement::Found(printer.clone()));
    assert_eq!(rig.announce(Announcement::Gone(printer)), []);
    assert_eq!(rig.run(200.0), []);
}

#[test]
fn a_name_that_is_withdrawn_while_its_server_is_met_is_not_taken_for_it() {
    let mut rig = Rig::new(&[]);
    rig.run(100.0);
    rig.start("10.0.0.5");
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    rig.announce(Announcement::Gone(workshop("10.0.0.5", "1")));
    assert_eq!(rig.run(120.0), [found("10.0.0.5")]);
    assert_eq!(rig.names(), [None]);
}

#[test]
fn what_is_announced_without_an_address_or_a_service_is_gone_until_it_has_one() {
    let printer = printer("_ipp._tcp", 631, "10.0.0.6");
    let nowhere = Announced { addresses: Vec::new(), ..printer.clone() };
    let ours = workshop("10.0.0.6", "1");
    let without_a_service = Announced { txt: Default::default(), ..ours.clone() };
    let unspoken = on_ipv6(&ours);
    for (whole, less) in [(printer, nowhere), (ours.clone(), without_a_service), (ours, unspoken)] {
        let config =
            DiscoveryConfig { families: crate::wire::Families::V4, ..DiscoveryConfig::default() };
        let mut rig = Rig::watching(config, &[]);
        rig.run(10.0);
        rig.announce(Announcement::Found(whole.clone()));
        assert_eq!(rig.run(12.0), [found("10.0.0.6")]);
        let gone = Told::Gone("10.0.0.6".to_owned(), Departure::Goodbye);
        assert_eq!(rig.announce(Announcement::Changed(less)), [gone]);
        assert_eq!(rig.run(60.0), []);
        rig.announce(Announcement::Changed(whole));
        assert_eq!(rig.run(62.0), [found("10.0.0.6")]);
    }
}

fn on_ipv6(announced: &Announced) -> Announced {
    let ip = "2001:db8::6".parse().expect("an address");
    let addresses = vec![AnnouncedAddress { ip, interface: Some(2) }];
    Announced { addresses, ..announced.clone() }
}
