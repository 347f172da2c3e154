//! Servers that are called over IPv6 by name or from memory, and answer the group too.

use super::*;
use crate::Host;

const ITS_OWN: &str = "[fd00::7]:9999";
const ON_LINK: &str = "[fe80::7%2]:9999";
const EVIL: &str = "[fe80::66%2]:9999";
const NAMING_V4: [&[u8]; 2] =
    [b"SERVER_IP:[fd00::7]:80 10.0.1.7", b"SERVER_IP:[fe80::7]:80 10.0.1.7"];
const WITHOUT_V4: [&[u8]; 2] = [b"SERVER_IP:[fd00::7]:80", b"SERVER_IP:[fe80::7]:80"];
const FORGED: &[u8] = b"SERVER_IP:[fe80::66]:80 10.0.1.7";

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn named(addresses: &[&str]) -> DiscoveryConfig {
    let host = |address: &&str| Host {
        name: address.to_string(),
        addresses: vec![address.parse().expect("an address")],
    };
    let hosts = addresses.iter().map(host).collect();
    DiscoveryConfig { hosts, ..DiscoveryConfig::default() }
}

fn remembering(addresses: &[&str]) -> DiscoveryConfig {
    let remembered = addresses.iter().map(|it| it.parse().expect("an address")).collect();
    DiscoveryConfig { remembered, ..DiscoveryConfig::default() }
}

/// A discovery that calls the server by its own address: by name, and from memory.
fn configs() -> [DiscoveryConfig; 2] {
    [named(&[ITS_OWN]), remembering(&[ITS_OWN])]
}

fn rig(config: DiscoveryConfig) -> Rig {
    let group = Target::neighbour("[ff12::c0:ee]:9999".parse().expect("a group"), 2);
    let mut rig = Rig::calling(config, vec![group]);
    let own = ["10.0.1.1/24", "fe80::1/64", "fd00::1/64"].map(|net| net.parse().expect("a net"));
    let eth0 = Interface { addresses: own.into(), ..eth0("10.0.1.1/24") };
    rig.discovery.handle_interfaces(&[eth0], vec![group]);
    rig
}

impl Rig {
    /// Runs to the end. Each probe is answered after 2 ms, one to the group not before `ms`.
    fn answered(&mut self, ms: u64, [by_address, by_group]: [&[u8]; 2]) -> Outcome {
        while self.discovery.outcome().is_none() {
            self.now += Duration::from_millis(2);
            for (_, sent) in std::mem::take(&mut self.sent) {
                let (source, answer) = if sent.destination.ip().is_multicast() {
                    (ON_LINK, by_group)
                } else {
                    (ITS_OWN, by_address)
                };
                if source == ITS_OWN || self.now >= self.start + Duration::from_millis(ms) {
                    self.hear(source, answer);
                }
            }
            self.discovery.handle_timeout(self.now);
            self.drain();
        }
        self.outcome()
    }
}

#[test]
fn a_server_that_names_its_ipv4_address_is_one_row_at_the_address_that_was_named() {
    for ms in [0, 120] {
        let mut rig = rig(named(&[ITS_OWN]));
        let outcome = rig.answered(ms, NAMING_V4);
        let [server] = rig.discovery.servers() else {
            panic!("{ms} ms: {:?}", rig.discovery.servers())
        };
        assert_eq!((server.ip, &server.other_addresses[..]), (ip("fd00::7"), &[ip("fe80::7")][..]));
        assert_eq!(outcome.ended, Ended::Settled);
        assert_eq!(outcome.doubled, [] as [IpAddr; 0]);
    }
}

#[test]
fn the_address_that_was_named_is_the_row_s_whichever_answers_first() {
    for ms in [0, 200] {
        let mut rig = rig(named(&[ITS_OWN]));
        rig.hear(ON_LINK, NAMING_V4[1]);
        rig.run(Duration::from_millis(ms));
        rig.hear(ITS_OWN, NAMING_V4[0]);
        rig.hear(ON_LINK, NAMING_V4[1]);
        rig.run(Duration::from_millis(400));
        rig.hear(ON_LINK, NAMING_V4[1]);
        let [server] = rig.discovery.servers() else {
            panic!("{ms} ms: {:?}", rig.discovery.servers())
        };
        assert_eq!((server.ip, &server.other_addresses[..]), (ip("fd00::7"), &[ip("fe80::7")][..]));
        assert_eq!((server.via, server.source), (Via::Host, ITS_OWN.parse().expect("a source")));
    }
}

/// The addresses of the rows, when these answer in this order, again and again.
fn rows(config: DiscoveryConfig, answers: &[(&str, &[u8])]) -> Vec<IpAddr> {
    let mut rig = rig(config);
    for n in 1..=3 {
        for (from, answer) in answers {
            rig.hear(from, answer);
            rig.run(Duration::from_millis(150 * n));
        }
    }
    let mut rows: Vec<_> = rig.discovery.servers().iter().map(|server| server.ip).collect();
    rows.sort();
    rows
}

#[test]
fn a_forged_name_does_not_take_the_place_of_a_server_that_was_called() {
    let mut both: [(&str, &[u8]); 2] = [(ITS_OWN, NAMING_V4[0]), (EVIL, FORGED)];
    for _ in 0..2 {
        assert_eq!(rows(named(&[ITS_OWN]), &both), [ip("fd00::7")]);
        let each = [ip("fd00::7"), ip("fe80::66")];
        assert_eq!(rows(remembering(&[ITS_OWN]), &both), each);
        both.reverse();
    }
}

#[test]
fn one_that_is_remembered_hides_nobody() {
    let mut both: [(&str, &[u8]); 2] = [(EVIL, FORGED), (ON_LINK, NAMING_V4[1])];
    for _ in 0..2 {
        assert_eq!(rows(remembering(&[EVIL]), &both), [ip("fe80::7"), ip("fe80::66")]);
        both.reverse();
    }
    let mut named_too: [(&str, &[u8]); 2] = [(EVIL, FORGED), (ITS_OWN, NAMING_V4[0])];
    let config = DiscoveryConfig { hosts: named(&[ITS_OWN]).hosts, ..remembering(&[EVIL]) };
    for _ in 0..2 {
        assert_eq!(rows(config.clone(), &named_too), [ip("fd00::7")]);
        named_too.reverse();
    }
    // Two devices that are as they left the factory.
    assert_eq!(rows(remembering(&[EVIL, ON_LINK]), &both), [ip("fe80::7"), ip("fe80::66")]);
}

#[test]
fn two_that_were_named_are_two_rows() {
    let mut both: [(&str, &[u8]); 2] = [(EVIL, FORGED), (ITS_OWN, NAMING_V4[0])];
    for _ in 0..2 {
        assert_eq!(rows(named(&[EVIL, ITS_OWN]), &both), [ip("fd00::7"), ip("fe80::66")]);
        both.reverse();
    }
}

#[test]
fn a_server_with_a_row_of_its_own_keeps_it_and_is_listed_once() {
    let [config, _] = configs();
    let mut rig = rig(config);
    rig.hear(EVIL, FORGED);
    rig.run(Duration::from_millis(150));
    for n in 2..5 {
        rig.hear(ON_LINK, NAMING_V4[1]);
        rig.hear(ITS_OWN, NAMING_V4[0]);
        rig.run(Duration::from_millis(150 * n));
    }
    let servers = rig.discovery.servers();
    let listed = |ip| {
        let is_it = |it: &&ServerRecord| it.ip == ip || it.other_addresses.contains(&ip);
        servers.iter().filter(is_it).count()
    };
    assert_eq!([listed(ip("fd00::7")), listed(ip("fe80::7"))], [1, 1], "{servers:?}");
}

#[test]
fn one_that_the_group_reaches_at_another_address_settles_as_any_other() {
    let [named, remembering] = configs();
    for (config, answers) in
        [(named.clone(), NAMING_V4), (named, WITHOUT_V4), (remembering.clone(), WITHOUT_V4)]
    {
        let outcome = rig(config).answered(0, answers);
        assert_eq!((outcome.ended, outcome.rounds), (Ended::Settled, 4), "{outcome:?}");
        assert!(outcome.elapsed <= Duration::from_millis(1750), "{outcome:?}");
        let rate = outcome.estimate.expect("there were rounds").answer_rate;
        assert!(rate > 0.85, "{outcome:?}");
    }
    // It is a row of its own from the second round on only, and the first seems to have been lost.
    let outcome = rig(remembering).answered(0, NAMING_V4);
    assert_eq!((outcome.ended, outcome.servers), (Ended::Settled, 2), "{outcome:?}");
}

#[test]
fn calls_by_address_are_no_answers_to_the_group() {
    let [named, _] = configs();
    let mut rig = rig(DiscoveryConfig { timeout: Some(Duration::from_secs(3)), ..named });
    // Of the group's rounds it hears the first; it is called by its address in each.
    rig.run(Duration::from_millis(2));
    rig.hear(ON_LINK, NAMING_V4[1]);
    let mut heard = 0;
    while rig.discovery.outcome().is_none() {
        let calls = rig.sent.iter().filter(|(_, it)| !it.destination.ip().is_multicast()).count();
        if calls > heard {
            heard = calls;
            rig.hear(ITS_OWN, NAMING_V4[0]);
        }
        rig.step();
    }
    let outcome = rig.outcome();
    assert_eq!(outcome.ended, Ended::Deadline, "{outcome:?}");
    assert!(outcome.estimate.is_some_and(|estimate| estimate.answer_rate < 0.5), "{outcome:?}");
}
