//! One server over both families.

use super::*;

const V4: &str = "10.0.1.7:9999";
const V6: &str = "[fe80::7%2]:9999";
const OVER_V4: &[u8] = b"SERVER_IP:10.0.1.7:80";
const OVER_V6: &[u8] = b"SERVER_IP:[fe80::7]:80 10.0.1.7";

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn addresses(server: &ServerRecord) -> Vec<IpAddr> {
    std::iter::once(server.ip).chain(server.other_addresses.iter().copied()).collect()
}

impl Rig {
    /// What is told of without a datagram.
    fn told(&mut self) -> Option<ServerRecord> {
        match self.discovery.poll_event()? {
            DiscoveryEvent::Found(server) => Some(server),
            DiscoveryEvent::Rejected(_) | DiscoveryEvent::SweepWanted => None,
        }
    }
}

#[test]
fn a_server_of_both_families_is_one_row_whichever_answers_first() {
    for v4_first in [true, false] {
        let mut rig = Rig::new(full(5000, 3));
        let told = if v4_first {
            let told = rig.hear(V4, OVER_V4);
            assert_eq!(rig.hear(V6, OVER_V6), None);
            told
        } else {
            assert_eq!(rig.hear(V6, OVER_V6), None, "held back");
            rig.hear(V4, OVER_V4)
        };
        let told = told.expect("told of when it is heard over IPv4");
        assert_eq!((told.ip, told.trust), (ip("10.0.1.7"), Trust::MatchesSource));
        let [server] = rig.discovery.servers() else { panic!("one row") };
        assert_eq!(addresses(server), [ip("10.0.1.7"), ip("fe80::7")]);
        assert_eq!(server.source, V4.parse().expect("a source"));
        assert_eq!(rig.told(), None);
    }
}

#[test]
fn a_server_that_is_heard_over_ipv6_alone_is_told_of_soon() {
    let mut rig = Rig::new(full(5000, 3));
    assert_eq!(rig.hear(V6, OVER_V6), None);
    rig.run(Duration::from_millis(99));
    assert_eq!(rig.told(), None);
    rig.run(Duration::from_millis(100));
    let told = rig.told().expect("it has waited long enough");
    assert_eq!((told.ip, told.trust), (ip("fe80::7"), Trust::MatchesSource));
    assert_eq!(told.address(), "[fe80::7%2]:80".parse().expect("an address"));
    assert_eq!(rig.hear(V4, OVER_V4), None, "told of already");
    let [server] = rig.discovery.servers() else { panic!("one row") };
    assert_eq!(addresses(server), [ip("10.0.1.7"), ip("fe80::7")]);
}

#[test]
fn without_an_ipv4_address_of_our_link_there_is_nothing_to_wait_for() {
    for answer in ["SERVER_IP:[fe80::7]:80", "SERVER_IP:[fe80::7]:80 192.0.2.7"] {
        let mut rig = Rig::new(full(5000, 3));
        let told = rig.hear(V6, answer.as_bytes()).expect("told of at once");
        assert_eq!(told.ip, ip("fe80::7"));
    }
}

#[test]
fn a_server_of_another_network_on_the_link_is_one_row_in_the_end() {
    let mut rig = Rig::new(full(5000, 3));
    rig.hear(V6, b"SERVER_IP:[fe80::7]:80 192.0.2.7").expect("told of at once");
    rig.hear("192.0.2.7:9999", b"SERVER_IP:192.0.2.7:80");
    rig.hear(V6, b"SERVER_IP:[fe80::7]:80 192.0.2.7");
    let [server] = rig.discovery.servers() else { panic!("{:?}", rig.discovery.servers()) };
    assert_eq!(server.ip, ip("192.0.2.7"));
    assert_eq!(server.other_addresses, [ip("fe80::7")]);
}

#[test]
fn one_server_ends_a_search_for_one_over_either_family() {
    let config = || DiscoveryConfig { wait: Wait::First, ..DiscoveryConfig::default() };
    let mut rig = Rig::new(config());
    assert_eq!(rig.hear(V6, OVER_V6), None);
    assert_eq!(rig.hear(V4, OVER_V4).expect("found").ip, ip("10.0.1.7"));
    assert_eq!(rig.outcome().ended, Ended::First);
    let mut rig = Rig::new(config());
    assert_eq!(rig.hear(V6, OVER_V6), None);
    assert_eq!(rig.run(Duration::from_secs(5)), Duration::from_millis(100));
    assert_eq!(rig.told().expect("found").ip, ip("fe80::7"));
    assert_eq!(rig.outcome().ended, Ended::First);
}

#[test]
fn what_is_held_back_at_the_end_is_told_of() {
    let mut rig = Rig::new(full(50, 0));
    assert_eq!(rig.hear(V6, OVER_V6), None);
    rig.run(Duration::from_secs(1));
    assert_eq!(rig.told().expect("found").ip, ip("fe80::7"));
}

#[test]
fn a_server_that_answers_the_broadcast_of_one_family_is_not_behind_a_firewall() {
    let targets: Vec<_> = ["[ff12::c0:ee]:9999", "10.0.1.255:9999"]
        .map(|to| Target::neighbour(to.parse().expect("an address"), 2))
        .into();
    let mut rig = Rig::calling(full(5000, 3), targets.clone());
    let own = ["10.0.1.1/24", "fe80::1/64"].map(|net| net.parse().expect("a net"));
    let eth0 = Interface { addresses: own.into(), ..eth0("10.0.1.1/24") };
    rig.discovery.handle_interfaces(&[eth0], targets);
    // The answers to the first round are lost.
    rig.run(Duration::from_millis(49));
    rig.now += Duration::from_millis(1);
    assert!(rig.discovery.wants_resolved_neighbours(rig.now).is_some());
    rig.discovery.handle_resolved_neighbours(&[(ip("fe80::7"), 2)]);
    rig.discovery.handle_timeout(rig.now);
    rig.drain();
    rig.run(Duration::from_millis(52));
    rig.hear(V6, OVER_V6);
    let rounds = rig.rounds();
    while rig.rounds() == rounds {
        rig.step();
    }
    rig.now += Duration::from_millis(1);
    rig.hear(V6, OVER_V6);
    rig.hear(V4, OVER_V4);
    let [server] = rig.discovery.servers() else { panic!("one row") };
    assert_eq!((server.ip, server.via), (ip("10.0.1.7"), Via::Broadcast));
}

#[test]
fn one_link_local_address_on_two_links_is_two_servers() {
    let mut rig = Rig::new(full(5000, 3));
    let answer = b"SERVER_IP:[fe80::7]:80";
    let one = rig.hear_on(2, "[fe80::7%2]:9999", answer).expect("a server");
    let other = rig.hear_on(3, "[fe80::7%3]:9999", answer).expect("another");
    assert_eq!(one.address(), "[fe80::7%2]:80".parse().expect("an address"));
    assert_eq!(other.address(), "[fe80::7%3]:80".parse().expect("an address"));
}

#[test]
fn our_own_link_local_address_is_another_host_s_on_another_link() {
    let eth = |index, name: &str, own: &str| Interface { index, name: name.into(), ..eth0(own) };
    let mut rig = Rig::new(full(5000, 3));
    let own = [eth(2, "eth0", "fe80::7/64"), eth(3, "eth1", "fe80::8/64")];
    rig.discovery.handle_interfaces(&own, Vec::new());
    let answer = b"SERVER_IP:[fe80::7]:80";
    assert!(rig.hear_on(2, "[fe80::7%2]:9999", answer).expect("ourselves").this_host);
    assert!(!rig.hear_on(3, "[fe80::7%3]:9999", answer).expect("a server").this_host);
}

#[test]
fn an_answer_that_names_many_ipv4_addresses_hides_no_server() {
    let mut rig = Rig::new(full(5000, 3));
    rig.hear(V6, b"SERVER_IP:[fe80::7]:80 10.0.1.7 10.0.1.8 10.0.1.9");
    for n in 7..=9 {
        rig.hear(&format!("10.0.1.{n}:9999"), format!("SERVER_IP:10.0.1.{n}:80").as_bytes());
    }
    let heard: Vec<_> = rig.discovery.servers().iter().map(|server| server.ip).collect();
    assert_eq!(heard, [ip("10.0.1.7"), ip("10.0.1.8"), ip("10.0.1.9")]);
}

#[test]
fn a_server_that_answers_over_both_families_has_attended_once() {
    let outcome = |over_both: bool| {
        let mut rig = Rig::new(DiscoveryConfig::default());
        while rig.discovery.outcome().is_none() {
            let round = rig.rounds();
            rig.step();
            if rig.rounds() > round && rig.rounds() != 2 {
                rig.hear(V4, OVER_V4);
                if over_both {
                    rig.hear(V6, OVER_V6);
                }
            }
        }
        let outcome = rig.outcome();
        (outcome.ended, outcome.elapsed, outcome.estimate.expect("there were rounds"))
    };
    assert_eq!(outcome(true), outcome(false));
}

#[test]
fn a_server_behind_a_router_whose_ipv4_address_was_called_is_told_of_once() {
    let named: SocketAddr = "192.0.2.7:9999".parse().expect("an address");
    let v6: SocketAddr = "[2001:db8::7]:9999".parse().expect("an address");
    let host = crate::Host { name: "it".into(), addresses: vec![named, v6] };
    let remembered = vec![named, v6];
    for config in [
        DiscoveryConfig { hosts: vec![host], ..full(5000, 3) },
        DiscoveryConfig { remembered, ..full(5000, 3) },
    ] {
        let mut rig = Rig::new(config);
        let over_v6 = b"SERVER_IP:[2001:db8::7]:80 10.9.9.9 192.0.2.7";
        assert_eq!(rig.hear("[2001:db8::7]:9999", over_v6), None, "held back");
        let told = rig.hear("192.0.2.7:9999", b"SERVER_IP:192.0.2.7:80").expect("told of");
        assert_eq!(told.ip, ip("192.0.2.7"));
        assert_eq!(rig.discovery.servers().len(), 1);
        rig.run(Duration::from_secs(1));
        assert_eq!(rig.told(), None);
    }
}
