//! Servers whose first answers come late, and named hosts that do not answer.

use std::time::Duration;

use cooee_lab::netns::{Host, Lab, Segment};
use cooee_lab::scene::programs::Search;
use cooee_lab::scene::scripted::Script;

use crate::programs::{CLIENT, SERVER, pair, serve};

const NOBODY: &str = "10.0.1.77";

fn another(segment: &Segment, address: &str) -> Host {
    let host = Lab::new().unwrap().host("another").unwrap();
    host.join(segment, &format!("{address}/24")).unwrap();
    host
}

/// How it ended, which the log tells.
fn ended_as(search: &Search, why: &str) -> bool {
    search.lines_with(&format!("ended (why: {why},")) == 1
}

#[test]
fn a_server_whose_first_arp_request_is_lost_is_found_beside_two_others() {
    let lab = pair();
    let (second, third) = (another(&lab.segment, "10.0.1.4"), another(&lab.segment, "10.0.1.5"));
    let first_request = "table arp loss { chain out { type filter hook output priority 0; \
                         arp operation request limit rate 1/hour burst 1 packets drop; }; }";
    third.nft(first_request).unwrap();
    let _servers = [&lab.server, &second, &third].map(|host| serve(host, &[]));
    let search = Search::run(&lab.client, &["-v"]);
    assert_eq!(search.each("ip"), [SERVER, "10.0.1.4", "10.0.1.5"], "{search:?}");
    let dropped = third.command("nft").args(["list", "ruleset"]).output().unwrap();
    assert!(String::from_utf8_lossy(&dropped.stdout).contains("limit rate"), "it was in place");
}

#[test]
fn a_server_that_takes_nine_tenths_of_a_second_is_found_beside_a_fast_one() {
    let lab = pair();
    let slow = another(&lab.segment, "10.0.1.4");
    let _fast = serve(&lab.server, &[]);
    let script = Script { answer: b"SERVER_IP:10.0.1.4", after: Duration::from_millis(900) };
    let search = script.play(&slow, || Search::run(&lab.client, &[]));
    assert_eq!(search.each("ip"), [SERVER, "10.0.1.4"], "{search:?}");
    assert_eq!(search.status, 0);
}

#[test]
fn a_server_that_takes_a_second_is_not_said_to_be_quick() {
    let lab = pair();
    let script = Script { answer: b"SERVER_IP:10.0.1.2", after: Duration::from_secs(1) };
    let search = script.play(&lab.server, || Search::run(&lab.client, &["--wait", "full"]));
    let [server] = &search.servers[..] else { panic!("one server: {search:?}") };
    // Either is honest: which probe was answered first cannot always be told.
    if let Some(rtt) = server["rtt_ms"].as_f64() {
        assert!((990.0..1100.0).contains(&rtt), "{rtt} ms");
    }
    assert!(server.get("rtt_ms").is_some(), "{server:?}");
}

#[test]
fn a_named_host_that_stays_silent_is_named_and_waited_for() {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    let deaf = another(&lab.segment, "10.0.1.4");
    deaf.nft(
        "table inet deaf { chain in { type filter hook input priority 0; \
         udp dport 9999 drop; }; }",
    )
    .unwrap();
    for silent in [NOBODY, "10.0.1.4"] {
        let search = Search::run(&lab.client, &["-v", "--host", silent, "--timeout", "3s"]);
        assert_eq!(search.each("ip"), [SERVER]);
        assert_eq!(search.lines_with(&format!("no answer from {silent}")), 1, "{search:?}");
        assert!(ended_as(&search, "deadline"), "{search:?}");
        assert!(search.took >= Duration::from_secs(3), "{search:?}");
    }
}

#[test]
fn a_named_host_where_nothing_listens_is_named_and_not_waited_for() {
    let lab = pair();
    let (_server, _without) = (serve(&lab.server, &[]), another(&lab.segment, "10.0.1.4"));
    let arguments = ["-v", "--host", "10.0.1.4", "--timeout", "10s"];
    let search = Search::run(&lab.client, &arguments);
    assert_eq!(search.each("ip"), [SERVER]);
    let said = "nothing listens on port 9999 at 10.0.1.4";
    assert_eq!(search.lines_with(said), 1, "{search:?}");
    assert_eq!(search.lines_with("no answer from"), 0, "{search:?}");
    assert!(ended_as(&search, "settled"), "{search:?}");
    assert!(search.took < Duration::from_secs(4), "{search:?}");

    // So when nobody else is called.
    let alone = ["--exclude-interface", "eth0,lo", "--host", "10.0.1.4", "--timeout", "10s"];
    let search = Search::run(&lab.client, &alone);
    assert_eq!((search.status, search.lines_with(said)), (1, 1), "{search:?}");
    assert!(search.took < Duration::from_secs(4), "{search:?}");
}

#[test]
fn a_find_takes_a_second_and_a_half_and_a_quick_one_half_of_that() {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    let settled = Search::run(&lab.client, &["-v"]);
    let quick = Search::run(&lab.client, &["-v", "--wait", "quick"]);
    assert!(ended_as(&settled, "settled") && ended_as(&quick, "settled"));
    let (least, most) = (Duration::from_millis(1500), Duration::from_millis(3000));
    assert!((least..most).contains(&settled.took), "{settled:?}");
    assert!(quick.took < Duration::from_millis(1400), "{quick:?}");
    assert_eq!(settled.each("source"), [format!("{SERVER}:9999")]);
    assert_ne!(SERVER, CLIENT);
}
