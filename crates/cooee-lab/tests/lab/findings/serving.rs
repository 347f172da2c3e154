//! What a server says that nobody can find.

use std::net::UdpSocket;

use cooee_lab::netns::Lab;
use cooee_lab::scene::broken::{Broken, Fault};
use cooee_lab::scene::programs::{DEADLINE, pair, serve, stop};

#[test]
fn a_server_that_only_this_host_reaches_says_so_until_it_has_a_network() {
    let lab = Lab::new().unwrap();
    let (host, segment) = (lab.host("host").unwrap(), lab.segment("a").unwrap());
    let mut server = serve(&host, &["-v"]);
    server.stderr_line_with("no address that another host could reach", DEADLINE).unwrap();
    host.join(&segment, "10.0.1.2/24").unwrap();
    server.stderr_line_with("interfaces changed", DEADLINE).unwrap();
    let said = stop(server).stderr;
    assert_eq!(said.matches("no address that another host").count(), 1, "{said}");
}

#[test]
fn another_protocol_on_the_port_is_told_once() {
    let lab = pair();
    let mut server = serve(&lab.server, &[]);
    let kasa = lab.client.enter(|| UdpSocket::bind("0.0.0.0:0")).unwrap();
    for _ in 0..3 {
        kasa.send_to(b"\xd0\xf2\x81\xf8", ("10.0.1.2", 9999)).unwrap();
    }
    server.stderr_line_with("10.0.1.3 sent something else than a probe", DEADLINE).unwrap();
    let said = stop(server).stderr;
    assert_eq!(said.matches("something else than a probe").count(), 1, "{said}");
}

#[test]
fn a_firewall_that_drops_probes_is_told_with_the_rule() {
    let broken = Broken::new(Fault::ServerFirewallDrops);
    let mut server = broken.serve(&[]).remove(0);
    let rule = "nft insert rule inet filter input udp dport 9999 accept";
    server.stderr_line_with(rule, DEADLINE).unwrap();
}

#[test]
fn a_healthy_server_says_nothing_more() {
    let lab = pair();
    let said = stop(serve(&lab.server, &[])).stderr;
    assert!(!said.contains("warning"), "{said}");
}
