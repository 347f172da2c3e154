//! Servers on Windows found from Linux, and on Linux from Windows.

use cooee_lab::netns::{Host, Lab};
use cooee_lab::scene::programs::{CLIENT, Pair, SERVER, Search, pair, serve, stop};

use crate::wine::{Windows, ctrl_c};

/// The pair, on a network with a router.
fn routed() -> Pair {
    let lab = pair();
    for host in [&lab.server, &lab.client] {
        host.default_route("10.0.1.1").unwrap();
    }
    lab
}

/// A second network for both.
fn second_network(lab: &Pair) -> cooee_lab::netns::Segment {
    let second = Lab::new().unwrap().segment("b").unwrap();
    lab.server.join(&second, "10.0.2.2/24").unwrap();
    lab.client.join(&second, "10.0.2.3/24").unwrap();
    second
}

fn assert_is_one(search: &Search) {
    assert_eq!(search.status, 0, "{search:?}");
    assert_eq!(search.each("ip"), [SERVER], "{search:?}");
    assert_eq!(search.each("url"), [format!("http://{SERVER}:8000/")], "{search:?}");
    assert_eq!(search.each("trust"), ["none"], "{search:?}");
}

fn from_linux(client: &Host) -> Search {
    Search::run(client, &[])
}

#[test]
fn windows_is_found_from_linux() {
    let lab = routed();
    let windows = Windows::on(&lab.server);
    let server = windows.serve(&[]);
    let search = from_linux(&lab.client);
    assert_is_one(&search);
    assert_eq!(search.each("source"), [format!("{SERVER}:9999")], "{search:?}");
    ctrl_c(server);
}

#[test]
fn linux_is_found_from_windows() {
    let lab = routed();
    let server = serve(&lab.server, &["-vv"]);
    let windows = Windows::on(&lab.client);
    let search = windows.find(&[]);
    assert_is_one(&search);
    assert_eq!(search.each("source"), [format!("{SERVER}:9999")], "{search:?}");
    let said = stop(server).stderr;
    assert!(said.contains(CLIENT), "{said}");
}

#[test]
fn windows_is_found_from_linux_without_a_default_route() {
    let lab = pair();
    let windows = Windows::on(&lab.server);
    let _server = windows.serve(&[]);
    assert_is_one(&from_linux(&lab.client));
}

#[test]
fn linux_is_found_from_windows_without_a_default_route() {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    assert_is_one(&Windows::on(&lab.client).find(&[]));
}

#[test]
fn windows_is_found_from_linux_on_two_interfaces() {
    let lab = pair();
    let _second = second_network(&lab);
    let windows = Windows::on(&lab.server);
    let _server = windows.serve(&[]);
    let search = from_linux(&lab.client);
    assert_eq!(search.each("ip"), [SERVER, "10.0.2.2"], "{search:?}");
    assert_eq!(search.each("interface"), ["eth0", "eth1"], "{search:?}");
}

#[test]
fn linux_is_found_from_windows_on_two_interfaces() {
    let lab = pair();
    let _second = second_network(&lab);
    let _server = serve(&lab.server, &[]);
    let search = Windows::on(&lab.client).find(&[]);
    assert_eq!(search.each("ip"), [SERVER, "10.0.2.2"], "{search:?}");
    assert_eq!(search.each("interface"), ["eth0", "eth1"], "{search:?}");
}
