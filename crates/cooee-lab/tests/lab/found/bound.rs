//! Servers on one address of their host.

use cooee_lab::netns::Child;
use cooee_lab::scene::programs::Search;

use crate::programs::{DEADLINE, Pair, SERVER, pair, serve, start_serve, stop};

const WARNING: &str = "broadcasts do not arrive";

#[test]
fn a_server_on_one_loopback_address_names_that_one() {
    let lab = pair();
    let _server = serve(&lab.server, &["--bind", "127.0.0.3"]);
    let search = Search::run(&lab.server, &["--host", "127.0.0.3"]);
    assert_eq!(search.each("raw"), ["SERVER_IP:127.0.0.3"], "{search:?}");
    assert_eq!(search.each("source"), ["127.0.0.3:9999"]);
}

#[test]
fn two_servers_on_two_loopback_addresses_are_two_rows() {
    let lab = pair();
    let _servers =
        ["127.0.0.2", "127.0.0.3"].map(|address| serve(&lab.server, &["--bind", address]));
    let search = Search::run(&lab.server, &["--host", "127.0.0.2,127.0.0.3"]);
    assert_eq!(search.each("ip"), ["127.0.0.2", "127.0.0.3"], "{search:?}");
}

/// A server that answers, and what it said before.
fn started(lab: &Pair, bind: &str) -> (Child, String) {
    let mut server = start_serve(&lab.server, &["--bind", bind]);
    let first = server.stderr_line_with("", DEADLINE).unwrap();
    if !first.contains("answering on") {
        server.stderr_line_with("answering on", DEADLINE).unwrap();
    }
    (server, first)
}

#[test]
fn a_server_on_a_broadcast_address_hears_broadcasts_and_is_not_warned() {
    let lab = pair();
    for broadcast in ["10.0.1.255", "255.255.255.255"] {
        let (server, first) = started(&lab, broadcast);
        assert!(!first.contains(WARNING), "{first}");
        let search = Search::run(&lab.client, &[]);
        assert_eq!(search.each("ip"), [SERVER], "{broadcast}: {search:?}");
        assert_eq!(search.each("raw"), [format!("SERVER_IP:{SERVER}")]);
        stop(server);
    }
}

#[test]
fn a_server_on_a_host_address_is_warned_that_broadcasts_do_not_arrive() {
    let lab = pair();
    let (server, first) = started(&lab, SERVER);
    assert!(first.contains(WARNING) && first.contains(SERVER), "{first}");
    assert_eq!(Search::run(&lab.client, &["--timeout", "1s"]).status, 1);
    assert_eq!(Search::run(&lab.client, &["--host", SERVER]).each("ip"), [SERVER]);
    stop(server);
}
