//! A port that another program has over IPv6.

use std::net::Ipv6Addr;

use cooee_lab::scene::programs::{DEADLINE, Search, pair};
use cooee_udp::UdpSocket;

use crate::programs::{serve, stop};

#[test]
fn ipv6_is_answered_once_the_other_program_is_gone() {
    let lab = pair();
    let other = lab.server.enter(|| UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 9999))).unwrap();
    let mut server = serve(&lab.server, &[]);
    assert_eq!(Search::run(&lab.client, &["--ipv6"]).status, 1);
    assert_eq!(Search::run(&lab.client, &["--ipv4"]).servers.len(), 1);
    drop(other);
    // Nobody probes it meanwhile: it wakes by itself.
    let line = server.stderr_line_with("over IPv6 too, at fe80::", DEADLINE).unwrap();
    assert!(line.ends_with("%eth0"), "{line}");
    assert_eq!(Search::run(&lab.client, &["--ipv6"]).servers.len(), 1);
    let said = stop(server).stderr;
    assert_eq!(said.matches("port 9999 is taken over IPv6").count(), 1, "{said}");
}

#[test]
fn a_server_tells_its_addresses_of_both_families() {
    let lab = pair();
    lab.server.add_address("eth0", "fd00::2/64").unwrap();
    let mut server = serve(&lab.server, &[]);
    let line = server.stderr_line_with("over IPv6 too, at fe80::", DEADLINE).unwrap();
    assert!(line.ends_with("%eth0 and fd00::2"), "{line}");
    stop(server);
    let said = stop(serve(&lab.server, &["--ipv4"])).stderr;
    assert!(!said.contains("IPv6"), "{said}");
}
