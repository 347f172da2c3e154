use std::net::TcpListener;

use super::Examination;
use crate::programs::{pair, serve};
use cooee_lab::netns::{Host, Lab};
use cooee_lab::scene::programs::{CLIENT, SERVER};

use crate::six::link_local;

#[test]
fn a_healthy_network_has_no_findings_on_either_side() {
    let lab = pair();
    let _service = lab.server.enter(|| TcpListener::bind("0.0.0.0:8000")).unwrap();
    let _serving = serve(&lab.server, &["--service-port", "8000"]);
    for (host, peer) in [(&lab.client, Some(SERVER)), (&lab.client, None), (&lab.server, None)] {
        let arguments: Vec<_> = peer.into_iter().flat_map(|peer| ["--peer", peer]).collect();
        let examined = Examination::run(host, &arguments);
        assert_eq!((examined.status, examined.findings.len()), (0, 0), "{examined:?}");
    }
}

/// Nothing is amiss with this peer.
fn finds_nothing(client: &Host, peer: &str) {
    let examined = Examination::run(client, &["--peer", peer]);
    assert_eq!((examined.status, examined.findings.len()), (0, 0), "{peer}: {examined:?}");
}

#[test]
fn a_server_of_both_families_is_healthy_by_each_of_its_addresses() {
    let lab = pair();
    for (host, id) in [(&lab.client, 3), (&lab.server, 7)] {
        host.add_address("eth0", &format!("fd00:1::{id}/64")).unwrap();
    }
    let _service = lab.server.enter(|| TcpListener::bind("[::]:8000")).unwrap();
    let _serving = serve(&lab.server, &["--service-port", "8000", "--doctor"]);
    let zoned = format!("{}%eth0", link_local(&lab.server));
    for peer in [SERVER, &zoned, "fd00:1::7"] {
        finds_nothing(&lab.client, peer);
    }
}

#[test]
fn a_server_is_healthy_by_an_address_that_it_does_not_answer_broadcasts_from() {
    let lab = pair();
    // Of the same network, of another one on the link, and of one of two hosts, which has no
    // broadcasts.
    for (here, there) in
        [("", "10.0.1.77/24"), ("10.0.7.3/24", "10.0.7.7/24"), ("10.0.8.0/31", "10.0.8.1/31")]
    {
        if !here.is_empty() {
            lab.client.add_address("eth0", here).unwrap();
        }
        lab.server.add_address("eth0", there).unwrap();
    }
    let _service = lab.server.enter(|| TcpListener::bind("0.0.0.0:8000")).unwrap();
    let _serving = serve(&lab.server, &["--service-port", "8000", "--doctor"]);
    for peer in ["10.0.1.77", "10.0.7.7", "10.0.8.1"] {
        finds_nothing(&lab.client, peer);
    }
}

#[test]
fn a_service_that_does_not_run_is_told_though_its_server_answers() {
    let lab = pair();
    let _serving = serve(&lab.server, &["--service-port", "8000"]);
    assert_eq!(Examination::run(&lab.client, &[]).first(), "service-silent");
}

#[test]
fn a_tunnel_that_takes_the_network_is_told() {
    let lab = pair();
    let _serving = serve(&lab.server, &[]);
    lab.client
        .ip_batch(&format!(
            "tuntap add dev tun0 mode tun\n\
             addr add 10.8.0.2/32 dev tun0\n\
             link set tun0 up\n\
             route add {SERVER}/32 dev tun0\n"
        ))
        .unwrap();
    let examined = Examination::run(&lab.client, &[]);
    let codes: Vec<_> = examined.findings.iter().filter_map(|f| f["code"].as_str()).collect();
    assert!(codes.contains(&"tunnel-takes-network"), "{CLIENT}: {examined:?}");
}

#[test]
fn a_host_with_two_interfaces_on_one_network_is_no_second_host() {
    let lab = Lab::new().unwrap();
    let (client, server) = (lab.host("client").unwrap(), lab.host("server").unwrap());
    let segment = lab.segment("a").unwrap();
    server.join(&segment, &format!("{SERVER}/24")).unwrap();
    for address in ["10.0.1.61/24", "10.0.1.62/24"] {
        client.join(&segment, address).unwrap();
    }
    let _service = server.enter(|| TcpListener::bind("0.0.0.0:8000")).unwrap();
    let _serving = serve(&server, &["--service-port", "8000"]);
    let examined = Examination::run(&client, &[]);
    let codes: Vec<_> = examined.findings.iter().filter_map(|f| f["code"].as_str()).collect();
    assert!(!codes.contains(&"duplicate-address"), "{examined:?}");
}
