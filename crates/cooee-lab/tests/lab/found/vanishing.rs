//! Interfaces that lose their addresses while a client calls on them.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Lab, Segment, eventually};
use cooee_lab::scene::programs::Search;
use cooee_lab::scene::scripted::{heard, listen};

use crate::programs::{CLIENT, DEADLINE, Pair, SERVER, pair, serve};

const HOST: &str = "10.0.1.4";
const ON_SECOND: &str = "10.0.2.3/24";

/// A pair whose client is on a second segment too.
fn on_two_segments() -> (Pair, Segment) {
    let lab = pair();
    let second = Lab::new().unwrap().segment("b").unwrap();
    lab.client.join(&second, ON_SECOND).unwrap();
    (lab, second)
}

/// Waits until this many more probes have arrived.
fn wait_for(ear: &UdpSocket, probes: usize) {
    for _ in 0..probes {
        ear.recv(&mut [0; 64]).unwrap();
    }
}

#[test]
fn an_interface_that_loses_its_address_leaves_the_others_and_named_hosts_called() {
    let (lab, _second) = on_two_segments();
    let named = Lab::new().unwrap().host("named").unwrap();
    named.join(&lab.segment, &format!("{HOST}/24")).unwrap();
    let (by_broadcast, by_both) = (listen(&lab.server), listen(&named));
    let arguments = ["-4", "--interface", "eth0,eth1", "--host", HOST, "--wait", "full"];
    let began = Instant::now();
    let client = Search::start(&lab.client, &arguments);
    wait_for(&by_broadcast, 2);
    lab.client.remove_address("eth1", ON_SECOND).unwrap();
    wait_for(&by_both, 4);
    let search = Search::of(client.finish(DEADLINE).unwrap(), began);
    let (broadcast, both) = (heard(&by_broadcast), heard(&by_both));
    // Seven rounds in five seconds.
    assert!(broadcast >= 4, "{broadcast} probes to everybody on eth0: {search:?}");
    assert!(both >= broadcast + 4, "{both} probes, {broadcast} of them to everybody: {search:?}");
    assert_eq!(search.lines_with("no more probes from eth1"), 1, "{search:?}");
    assert_eq!(search.lines_with("no more probes from eth0"), 0, "{search:?}");
}

#[test]
fn a_client_that_loses_all_its_addresses_does_not_take_that_for_silence() {
    let lab = pair();
    let ear = listen(&lab.server);
    let began = Instant::now();
    let client = Search::start(&lab.client, &["-4", "-v", "--timeout", "4s"]);
    wait_for(&ear, 2);
    lab.client.remove_address("eth0", &format!("{CLIENT}/24")).unwrap();
    let search = Search::of(client.finish(DEADLINE).unwrap(), began);
    assert_eq!(search.lines_with("ended (why: settled,"), 0, "{search:?}");
    assert_eq!(search.lines_with("ended (why: deadline,"), 1, "{search:?}");
    assert_eq!(search.status, 1);
}

#[test]
fn a_client_that_loses_all_its_addresses_after_an_answer_does_not_settle_either() {
    let lab = pair();
    let mut server = serve(&lab.server, &["-v"]);
    let began = Instant::now();
    let client = Search::start(&lab.client, &["-4", "-v", "--timeout", "4s"]);
    for _ in 0..2 {
        server.stderr_line_with("answered", DEADLINE).unwrap();
    }
    lab.client.remove_address("eth0", &format!("{CLIENT}/24")).unwrap();
    let gone = || lab.client.ip(&["-4", "addr", "show", "dev", "eth0"]).unwrap().is_empty();
    eventually(DEADLINE, || gone().then_some(())).unwrap();
    let search = Search::of(client.finish(DEADLINE).unwrap(), began);
    assert_eq!(search.each("ip"), [SERVER], "{search:?}");
    assert_eq!(search.lines_with("ended (why: settled,"), 0, "{search:?}");
    assert!(search.took >= Duration::from_secs(4), "{search:?}");
}
