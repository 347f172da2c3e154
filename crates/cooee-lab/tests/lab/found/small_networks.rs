//! Networks without a broadcast address, and networks that share a wire.
//!
//! The hosts of the lab have `rp_filter` 0. With 1, a kernel drops what comes from another network
//! of the same wire before any program sees it, unless it has a route back.

use std::net::UdpSocket;

use cooee_lab::netns::{Host, Lab, Segment};
use cooee_lab::scene::programs::Search;

use crate::programs::{DEADLINE, cooee, serve};

/// A server and a client on one wire.
fn on_one_wire(server: &str, client: &str) -> (Segment, Host, Host) {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let (serves, asks) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    serves.join(&segment, server).unwrap();
    asks.join(&segment, client).unwrap();
    (segment, serves, asks)
}

#[test]
fn the_other_end_of_a_network_of_two_is_found_from_both_ends() {
    for (server, client) in [("10.0.0.0", "10.0.0.1"), ("10.0.0.1", "10.0.0.0")] {
        let (_wire, serves, asks) = on_one_wire(&format!("{server}/31"), &format!("{client}/31"));
        let _server = serve(&serves, &[]);
        let search = Search::run(&asks, &[]);
        assert_eq!(search.each("ip"), [server], "from {client}: {search:?}");
        assert_eq!(search.each("routed"), ["true"]);
    }
}

#[test]
fn a_server_of_another_network_on_the_same_wire_is_found_and_marked() {
    let (_wire, serves, asks) = on_one_wire("10.2.0.2/24", "10.1.0.2/24");
    let _server = serve(&serves, &[]);
    let search = Search::run(&asks, &[]);
    assert_eq!(search.each("ip"), ["10.2.0.2"], "{search:?}");
    assert_eq!(search.each("routed"), ["false"]);
    assert_eq!(search.each("interface"), ["eth0"]);
    let table = asks.spawn(cooee(), ["find", "-4"]).unwrap().finish(DEADLINE).unwrap();
    assert!(table.stdout.contains("no route to it"), "{table:?}");
}

/// Gives both a default route, as most hosts have, and has them check returns as systemd does: there
/// has to be a route back, by whichever interface.
fn with_default_routes(serves: &Host, asks: &Host) {
    for (host, gateway) in [(serves, "10.2.0.1"), (asks, "10.1.0.1")] {
        host.default_route(gateway).unwrap();
        host.enter(|| std::fs::write("/proc/sys/net/ipv4/conf/all/rp_filter", "2")).unwrap();
    }
}

#[test]
fn a_router_of_both_networks_on_the_wire_carries_the_answer() {
    let (wire, serves, asks) = on_one_wire("10.2.0.2/24", "10.1.0.2/24");
    let both = [(&wire, "10.2.0.1/24"), (&wire, "10.1.0.1/24")];
    let _router = Lab::new().unwrap().router("router", &both).unwrap();
    with_default_routes(&serves, &asks);
    let _server = serve(&serves, &[]);
    let search = Search::run(&asks, &[]);
    assert_eq!(search.each("ip"), ["10.2.0.2"], "{search:?}");
    assert_eq!(search.each("routed"), ["true"]);
}

/// A limit: the system sends the answer to the router, and ours here knows neither network.
#[test]
fn a_default_router_that_does_not_know_the_other_network_loses_the_answer() {
    let (_wire, serves, asks) = on_one_wire("10.2.0.2/24", "10.1.0.2/24");
    with_default_routes(&serves, &asks);
    let _server = serve(&serves, &[]);
    let search = Search::run(&asks, &["-4"]);
    assert_eq!((search.status, search.servers.len()), (1, 0), "{search:?}");
    let search = Search::run(&asks, &[]);
    let ip = search.each("ip").remove(0);
    assert!(ip.starts_with("fe80::"), "IPv6 needs no router on a link: {search:?}");
}

#[test]
fn everybody_on_the_wire_is_called_in_every_second_round() {
    let (_wire, hears, asks) = on_one_wire("10.2.0.2/24", "10.1.0.2/24");
    let ear: UdpSocket = cooee_lab::scene::scripted::listen(&hears);
    let search = Search::run(&asks, &["-v", "--timeout", "2s", "--wait", "full"]);
    let rounds = search.said.lines().filter(|line| line.contains("sent probes (rung: broadcast,"));
    let rounds = rounds.count();
    let heard = cooee_lab::scene::scripted::heard(&ear);
    assert!(rounds >= 4, "{search:?}");
    assert_eq!(heard, rounds / 2, "{search:?}");
}
