//! Answers that speak of another's server.

use super::*;

const SERVER: &str = "10.0.1.7:9999";
const ITS_ANSWER: &[u8] = b"SERVER_IP:10.0.1.7:80";
const OVER_V6: &str = "[fe80::7%2]:9999";
const ITS_ANSWER_OVER_V6: &[u8] = b"SERVER_IP:[fe80::7]:80 10.0.1.7";
const EVIL: &str = "[fe80::66%2]:9999";
const FORGED: &[u8] = b"SERVER_IP:[fe80::66]:80 10.0.1.7";
const EVIL_V4: &str = "10.0.1.66:9999";

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn answers_of_others_do_not_make_two_hosts_of_a_server() {
    for (source, forged) in [(EVIL, FORGED), (EVIL_V4, ITS_ANSWER)] {
        let mut rig = Rig::new(full(5000, 3));
        let mut heard = 0;
        while rig.discovery.outcome().is_none() {
            rig.step();
            if rig.rounds() > heard {
                heard = rig.rounds();
                rig.hear(SERVER, ITS_ANSWER);
                for _ in 0..10 {
                    rig.hear(source, forged);
                }
            }
        }
        assert_eq!(rig.discovery.servers().len(), 1);
        assert_eq!(rig.outcome().doubled, [] as [IpAddr; 0], "{source}");
    }
}

#[test]
fn an_answer_over_ipv6_does_not_take_the_place_of_a_server_that_another_names() {
    let mut rig = Rig::new(full(5000, 3));
    rig.hear("10.0.1.8:9999", ITS_ANSWER).expect("a server behind another address");
    rig.hear(EVIL, FORGED);
    let [server] = rig.discovery.servers() else { panic!("{:?}", rig.discovery.servers()) };
    assert_eq!((server.ip, server.trust), (ip("10.0.1.7"), Trust::Unverified));
    assert_eq!(server.source, "10.0.1.8:9999".parse().expect("an address"));
}

#[test]
fn a_server_over_ipv6_is_not_hidden_behind_one_that_names_its_ipv4_address() {
    // At once, and while the other is held back.
    for ms in [200, 50] {
        let mut rig = Rig::new(full(5000, 3));
        rig.hear(EVIL, FORGED);
        rig.run(Duration::from_millis(ms));
        rig.hear(OVER_V6, ITS_ANSWER_OVER_V6);
        rig.run(Duration::from_millis(400));
        rig.hear(OVER_V6, ITS_ANSWER_OVER_V6);
        rig.run(Duration::from_millis(600));
        let heard: Vec<_> = rig.discovery.servers().iter().map(|server| server.ip).collect();
        assert_eq!(heard, [ip("fe80::66"), ip("fe80::7")], "{ms} ms");
        assert!(rig.discovery.servers()[0].other_addresses.is_empty());
    }
}

#[test]
fn a_forged_name_leaves_the_server_its_address_and_its_place() {
    for evil_first in [true, false] {
        let mut rig = Rig::new(full(5000, 3));
        let mut both = [(SERVER, ITS_ANSWER), (EVIL, FORGED)];
        if evil_first {
            both.reverse();
        }
        let told: Vec<_> = both.iter().filter_map(|(from, it)| rig.hear(from, it)).collect();
        let [told] = &told[..] else { panic!("{told:?}") };
        assert_eq!((told.ip, told.source), (ip("10.0.1.7"), SERVER.parse().expect("one")));
        let [server] = rig.discovery.servers() else { panic!("{:?}", rig.discovery.servers()) };
        assert_eq!((server.ip, server.source), (told.ip, told.source));
    }
}

#[test]
fn the_addresses_of_a_server_stay_when_it_answers_for_itself() {
    let mut rig = Rig::new(full(5000, 3));
    rig.hear("10.0.1.8:9999", ITS_ANSWER).expect("named by another");
    rig.hear(OVER_V6, ITS_ANSWER_OVER_V6);
    rig.hear(SERVER, ITS_ANSWER);
    let [server] = rig.discovery.servers() else { panic!("{:?}", rig.discovery.servers()) };
    assert_eq!((server.ip, server.trust), (ip("10.0.1.7"), Trust::MatchesSource));
    assert_eq!(server.other_addresses, [ip("fe80::7")]);
}
