//! Hosts with both families.

use cooee_lab::netns::Signal;
use cooee_lab::scene::programs::Search;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn6, bind, setsockopt, sockopt};
use std::os::fd::AsRawFd;

use super::link_local;
use crate::ownership::found_until;
use crate::programs::{DEADLINE, SERVER, cooee, pair, serve, start_serve, stop};

#[test]
fn a_server_of_both_families_is_one_row() {
    let lab = pair();
    let serving = serve(&lab.server, &["--service-port", "8000"]);
    let search = Search::run(&lab.client, &[]);
    assert_eq!(search.each("ip"), [SERVER], "{search:?}");
    assert_eq!(search.each("trust"), ["none"]);
    let addresses = format!("[\"{SERVER}\",\"{}\"]", link_local(&lab.server));
    assert_eq!(search.each("addresses"), [addresses]);
    for format in ["ndjson", "url", "table"] {
        let printed = lab.client.spawn(cooee(), ["find", "--format", format]).unwrap();
        let printed = printed.finish(DEADLINE).unwrap().stdout;
        assert!(printed.contains(SERVER), "{printed}");
        let rows = printed.lines().filter(|line| line.contains("http://")).count();
        assert_eq!(rows, 1, "{printed}");
    }
    let here = Search::run(&lab.server, &[]);
    assert_eq!(here.servers.len(), 1, "on its own host too: {here:?}");
    assert_eq!(here.each("ip"), [SERVER], "{here:?}");
    stop(serving);
}

#[test]
fn one_family_can_be_chosen() {
    let lab = pair();
    let serving = serve(&lab.server, &["--service-port", "8000"]);
    let over_v4 = Search::run(&lab.client, &["-4"]);
    assert_eq!(over_v4.each("addresses"), [format!("[\"{SERVER}\"]")]);
    let over_v6 = Search::run(&lab.client, &["--ipv6"]);
    assert_eq!(over_v6.each("ip"), [link_local(&lab.server)], "{over_v6:?}");
    stop(serving);
    let serving = serve(&lab.server, &["-4"]);
    assert_eq!(Search::run(&lab.client, &["-6", "--wait", "quick"]).servers.len(), 0);
    assert_eq!(Search::run(&lab.client, &["-4", "--wait", "quick"]).servers.len(), 1);
    stop(serving);
    let serving = serve(&lab.server, &["-6"]);
    assert_eq!(Search::run(&lab.client, &["-4", "--wait", "quick"]).servers.len(), 0);
    assert_eq!(Search::run(&lab.client, &["-6", "--wait", "quick"]).servers.len(), 1);
    stop(serving);
}

#[test]
fn who_stands_by_is_answered_for_over_ipv6_and_takes_that_over() {
    let lab = pair();
    let mut first = serve(&lab.server, &["--service-port", "1"]);
    let mut second = start_serve(&lab.server, &["--service-port", "2", "--stand-by"]);
    second.stderr_line_with("standing by", DEADLINE).unwrap();
    found_until(&lab.client, &[1, 2]);
    let over_v6 = Search::run(&lab.client, &["-6"]);
    assert_eq!(over_v6.each("port"), ["1", "2"], "{over_v6:?}");
    first.signal(Signal::SIGKILL).unwrap();
    second.stderr_line_with("took over", DEADLINE).unwrap();
    assert_eq!(Search::run(&lab.client, &["-6"]).each("port"), ["2"]);
    stop(second);
}

#[test]
fn a_port_that_is_taken_over_ipv6_alone_does_not_keep_it_from_answering() {
    let lab = pair();
    let _taken = lab.server.enter(|| {
        let family = AddressFamily::Inet6;
        let flags = SockFlag::SOCK_CLOEXEC;
        let socket = nix::sys::socket::socket(family, SockType::Datagram, flags, None).unwrap();
        setsockopt(&socket, sockopt::Ipv6V6Only, &true).unwrap();
        let any: std::net::SocketAddrV6 = "[::]:9999".parse().unwrap();
        bind(socket.as_raw_fd(), &SockaddrIn6::from(any)).unwrap();
        socket
    });
    let mut serving = start_serve(&lab.server, &[]);
    serving.stderr_line_with("port 9999 is taken over IPv6", DEADLINE).unwrap();
    assert_eq!(Search::run(&lab.client, &[]).each("ip"), [SERVER]);
    stop(serving);
}
