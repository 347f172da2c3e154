//! Names that Windows announces, and finds.

use cooee_lab::netns::Lab;
use cooee_lab::scene::avahi::browse;
use cooee_lab::scene::programs::{DEADLINE, SERVER, Search, pair, serve, stop};

use crate::wine::{Windows, ctrl_c};

#[test]
fn a_name_that_windows_announces_is_found_from_linux() {
    let lab = pair();
    let windows = Windows::on(&lab.server);
    let mut server = windows.serve(&["--name", "Workshop", "--service-port", "8000"]);
    server.stderr_line_with("announced as", DEADLINE).unwrap();
    let search = Search::run(&lab.client, &["--only", "mdns"]);
    assert_eq!(search.each("name"), ["Workshop"], "{search:?}");
    assert_eq!(search.each("ip"), [SERVER], "{search:?}");
    assert_eq!(search.each("port"), ["8000"], "{search:?}");
    let found = browse(&lab.client, "_http._tcp");
    let at = format!("eth0;IPv4;Workshop;Web Site;local;workshop.local;{SERVER};8000;");
    assert!(found.iter().any(|line| line.starts_with(&at)), "{found:?}");
    ctrl_c(server);
}

#[test]
fn a_name_that_linux_announces_is_found_from_windows() {
    let lab = pair();
    let mut server = serve(&lab.server, &["--name", "Workshop", "--service-port", "8000"]);
    server.stderr_line_with("announced as", DEADLINE).unwrap();
    let windows = Windows::on(&lab.client);
    let search = windows.find(&["--only", "mdns"]);
    assert_eq!(search.each("name"), ["Workshop"], "{search:?}");
    assert_eq!(search.each("ip"), [SERVER], "{search:?}");
    let search = windows.find(&[]);
    assert_eq!(search.each("name"), ["Workshop"], "{search:?}");
    stop(server);
}

#[test]
fn a_name_that_windows_announces_has_an_ipv6_address() {
    let lab = pair();
    let windows = Windows::on(&lab.server);
    let mut server = windows.serve(&["--name", "Workshop", "--service-port", "8000"]);
    server.stderr_line_with("announced as", DEADLINE).unwrap();
    let found = browse(&lab.client, "_http._tcp");
    assert!(found.iter().any(|line| line.starts_with("eth0;IPv6;Workshop;")), "{found:?}");
    ctrl_c(server);
}

#[test]
fn a_name_of_an_ipv6_segment_is_found_from_windows() {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    server.plug(&segment).unwrap();
    client.plug(&segment).unwrap();
    let mut named = serve(&server, &["--name", "Workshop", "--service-port", "8000"]);
    named.stderr_line_with("announced as", DEADLINE).unwrap();
    let search = Windows::on(&client).find(&["--only", "mdns"]);
    assert_eq!(search.each("name"), ["Workshop"], "{search:?}");
    stop(named);
}
