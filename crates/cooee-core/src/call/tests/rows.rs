use super::*;

#[test]
fn answers_are_deduplicated_and_counted() {
    let mut rig = Rig::new(full(5000, 3));
    assert!(rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7").is_some());
    assert!(rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7:8000").is_none());
    assert!(rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7:8001").is_some());
    rig.discovery.stop(rig.now);
    let outcome = rig.outcome();
    assert_eq!((outcome.servers, outcome.answers, outcome.ended), (2, 3, Ended::Stopped));
}

#[test]
fn impossible_addresses_are_corrected_and_others_marked() {
    let mut rig = Rig::new(full(5000, 3));
    let mut case = |source: &str, says: &str, ip: &str, trust, claimed: Option<&str>| {
        let found = rig.hear(source, format!("SERVER_IP:{says}").as_bytes()).expect(says);
        assert_eq!(found.ip, ip.parse::<IpAddr>().expect("an address"), "{says}");
        assert_eq!(found.trust, trust, "{says}");
        assert_eq!(found.claimed, claimed.map(|c| c.parse().expect("an address")), "{says}");
        assert_eq!(found.source, source.parse().expect("a source"));
    };
    case("10.0.1.7:9999", "127.0.0.1", "10.0.1.7", Trust::MatchesSource, Some("127.0.0.1"));
    case("10.0.1.8:9999", "0.0.0.0:80", "10.0.1.8", Trust::MatchesSource, Some("0.0.0.0"));
    case(
        "10.0.1.9:9999",
        "255.255.255.255",
        "10.0.1.9",
        Trust::MatchesSource,
        Some("255.255.255.255"),
    );
    case("10.0.1.10:9999", "224.0.0.1", "10.0.1.10", Trust::MatchesSource, Some("224.0.0.1"));
    case("10.0.1.11:9999", "10.0.2.11", "10.0.2.11", Trust::Unverified, None);
    case("127.0.0.1:9999", "127.0.0.1:1", "127.0.0.1", Trust::MatchesSource, None);
    case(&format!("{HOST}:9999"), "127.0.0.1:2", "127.0.0.1", Trust::MatchesSource, None);
}

#[test]
fn what_a_server_says_of_itself_wins() {
    let mut rig = Rig::new(full(5000, 3));
    let forged = rig.hear("10.0.1.66:9999", b"SERVER_IP:10.0.1.7").expect("found");
    assert_eq!(forged.trust, Trust::Unverified);
    assert!(rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7").is_none());
    assert!(rig.hear("10.0.1.67:9999", b"SERVER_IP:10.0.1.7").is_none());
    let [server] = rig.discovery.servers() else { panic!("one server") };
    assert_eq!(server.trust, Trust::MatchesSource);
    assert_eq!(server.source, "10.0.1.7:9999".parse().expect("a source"));
}

#[test]
fn what_is_no_answer_is_counted() {
    let mut rig = Rig::new(full(5000, 3));
    let long = vec![b' '; limits::ANSWER_MAX + 1];
    for payload in [
        b"".as_slice(),
        b"DISCOVER_SERVER",
        b"hello",
        b"SERVER_IP:somewhere",
        b"SERVER_IP:10.0.0.1:0",
        b"SERVER_IP:\xff",
        &long,
    ] {
        assert_eq!(rig.hear("10.0.1.7:9999", payload), None);
    }
    for source in ["10.0.1.7:0", "255.255.255.255:1", "224.0.0.1:1", "0.0.0.0:1", "[::]:1"] {
        assert_eq!(rig.hear(source, b"SERVER_IP:10.0.1.7"), None);
    }
    rig.run(Duration::from_secs(10));
    let refusals = rig.outcome().refusals;
    let counts: Vec<_> = refusals.by_reason().map(|(_, count)| count).collect();
    assert_eq!(counts, [5, 1, 1, 1, 1, 1, 1, 1, 0], "{refusals:?}");
    assert_eq!(refusals.in_all(), 12);
}

#[test]
fn results_are_bounded() {
    let mut rig = Rig::new(full(5000, 3));
    for n in 0..limits::RESULTS_MAX as u32 + 5 {
        let ip = std::net::Ipv4Addr::from_bits(0x0b00_0000 + n);
        rig.hear("10.0.1.7:9999", format!("SERVER_IP:{ip}").as_bytes());
    }
    rig.run(Duration::from_secs(10));
    let outcome = rig.outcome();
    assert!(outcome.truncated);
    assert_eq!(outcome.servers, limits::RESULTS_MAX);
    assert_eq!(outcome.refusals.table_full, 5);
}

#[test]
fn the_same_address_on_two_interfaces_is_two_servers() {
    let mut rig = Rig::new(full(5000, 3));
    assert!(rig.hear_on(2, "10.0.1.7:9999", b"SERVER_IP:10.0.1.7").is_some());
    assert!(rig.hear_on(3, "10.0.1.7:9999", b"SERVER_IP:10.0.1.7").is_some());
    assert!(rig.hear_on(3, "10.0.1.7:9999", b"SERVER_IP:10.0.1.7").is_none());
    assert_eq!(rig.discovery.servers().len(), 2);
}

#[test]
fn this_host_is_one_server_a_port_whichever_address_is_named() {
    let mut rig = Rig::new(full(5000, 3));
    let interface = |index, name: &str, net: &str| Interface {
        index,
        name: name.into(),
        addresses: vec![net.parse().expect("a network")],
        kind: LinkKind::Broadcast,
        state: LinkState::Up,
        role: InterfaceRole::default(),
    };
    let own = [interface(2, "eth0", "10.0.1.1/24"), interface(3, "docker0", "172.17.0.1/16")];
    rig.discovery.handle_interfaces(&own, Vec::new());
    let found = rig.hear_on(2, "10.0.1.1:9999", b"SERVER_IP:10.0.1.1").expect("found");
    assert!(found.this_host);
    assert!(rig.hear_on(3, "172.17.0.1:9999", b"SERVER_IP:172.17.0.1").is_none());
    assert!(rig.hear_on(2, "10.0.1.1:9999", b"SERVER_IP:10.0.1.1:81").is_some(), "another port");
    let own = &rig.discovery.servers()[0];
    assert_eq!(own.other_addresses, ["172.17.0.1".parse::<IpAddr>().expect("an address")]);
    assert_eq!(own.trust, Trust::MatchesSource);
    let elsewhere = rig.hear_on(2, "10.0.1.1:9999", b"SERVER_IP:10.0.1.9").expect("another host");
    assert!(!elsewhere.this_host && elsewhere.trust == Trust::Unverified);
}

#[test]
fn each_sender_of_what_cannot_be_read_is_named_once() {
    let mut rig = Rig::new(full(5000, 3));
    let events = |rig: &mut Rig, source: &str, payload: &[u8]| {
        let source = source.parse().expect("a source");
        rig.discovery.handle_datagram(rig.now, &Datagram::new(source, payload));
        std::iter::from_fn(|| rig.discovery.poll_event()).collect::<Vec<_>>()
    };
    let named = events(&mut rig, "10.0.1.7:9999", b"SERVER_IP:fe80::1");
    let [DiscoveryEvent::Rejected(rejected)] = &named[..] else { panic!("{named:?}") };
    assert_eq!(rejected.excerpt, "SERVER_IP:fe80::1");
    assert_eq!(events(&mut rig, "10.0.1.7:9998", b"SERVER_IP:host"), []);
    assert_eq!(events(&mut rig, "10.0.1.8:9999", b"server_ip:10.0.1.8"), [], "told at the end");
    assert_eq!(events(&mut rig, &format!("{HOST}:9999"), b"DISCOVER_SERVER"), []);
    rig.run(Duration::from_secs(10));
    let rejected = rig.outcome().rejected;
    let named: Vec<_> =
        rejected.iter().map(|r| (r.source.ip().to_string(), r.is_almost_an_answer())).collect();
    assert_eq!(named, [("10.0.1.7".to_owned(), true), ("10.0.1.8".to_owned(), false)]);
}

#[test]
fn zero_bytes_after_an_answer_are_no_part_of_it() {
    let mut rig = Rig::new(full(5000, 3));
    let found = rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7:80\0\0").expect("found");
    assert_eq!(found.address(), "10.0.1.7:80".parse().expect("an address"));
}

#[test]
fn interfaces_that_were_not_probed_by_do_not_hide_that_two_hosts_have_one_address() {
    let container = |index| Interface {
        index,
        name: format!("veth{index}"),
        addresses: vec!["fe80::9/64".parse().expect("a net"), "10.0.0.1/8".parse().expect("a net")],
        ..eth0("10.0.0.1/8")
    };
    for (own, to, source, answer) in [
        ("10.0.1.1/24", "10.0.1.255:9999", "10.0.1.7:9999", &b"SERVER_IP:10.0.1.7:80"[..]),
        ("fe80::1/64", "[ff12::c0:ee]:9999", "[fe80::7%2]:9999", b"SERVER_IP:[fe80::7]:80"),
    ] {
        let mut rig = Rig::new(full(5000, 3));
        let target = Target::neighbour(to.parse().expect("an address"), 2);
        let interfaces = [eth0(own), container(3), container(4)];
        rig.discovery.handle_interfaces(&interfaces, vec![target]);
        let mut heard = 0;
        while rig.discovery.outcome().is_none() {
            rig.step();
            while heard < rig.rounds() {
                heard += 1;
                rig.hear(source, answer);
                rig.hear(source, answer);
            }
        }
        assert_eq!(rig.outcome().doubled.len(), 1, "{source}");
    }
}

#[test]
fn a_server_that_is_probed_by_two_interfaces_of_one_link_is_no_two_hosts() {
    for (second, doubled) in [("10.0.1.2/24", 0), ("10.9.0.2/24", 1)] {
        let mut rig = Rig::new(full(5000, 3));
        let eth1 = Interface { index: 3, name: "eth1".into(), ..eth0(second) };
        let to = |interface| Target::neighbour(([10, 0, 1, 255], 9999).into(), interface);
        rig.discovery.handle_interfaces(&[eth0("10.0.1.1/24"), eth1], vec![to(2), to(3)]);
        let mut heard = 0;
        while rig.discovery.outcome().is_none() {
            rig.step();
            while heard < rig.rounds() {
                heard += 1;
                // Both answers arrive by one of the interfaces.
                rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7:80");
            }
        }
        assert_eq!(rig.outcome().doubled.len(), doubled, "{second}");
    }
}
