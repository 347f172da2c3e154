//! Servers of ours that are announced, beside the probes.

use std::time::Duration;

use cooee_core::announced::{Marker, ServiceType, Txt};
use cooee_lab::netns::{Child, Host};
use cooee_lab::scene::announcers::{Service, quiet_zeroconf};
use cooee_lab::scene::programs::{DEADLINE, SERVER, Search, pair, serve};
use serde_json::{Map, Value, json};

/// A peer that announces a server of ours on port 8000.
fn announcing(host: &Host, addresses: &[&str], name: &str) -> Child {
    let mut txt = Txt::new();
    txt.add("path=/".parse().unwrap()).unwrap();
    let marker = Marker { services: vec![(ServiceType::http(), 8000)], txt, ..Marker::default() };
    let pairs = marker.record(9999).txt;
    let pairs = pairs.pairs().iter().map(|it| (it.key().to_owned(), json!(it.text())));
    let txt = Value::Object(pairs.collect::<Map<_, _>>());
    let service =
        Service { kind: "_cooee._udp", name: name.to_owned(), host: "peer", port: 9999, txt };
    quiet_zeroconf(host, addresses, &[service])
}

#[test]
fn a_server_that_answers_and_is_announced_is_one_with_a_name() {
    let net = pair();
    let (_server, _peer) = (
        serve(&net.server, &["--service-port", "8000"]),
        announcing(&net.server, &[SERVER], "Workshop"),
    );
    let search = Search::run(&net.client, &[]);
    let [server] = &search.servers[..] else { panic!("one: {search:#?}") };
    assert_eq!((&server["name"], &server["protocol"]), (&json!("Workshop"), &json!("classic")));
    assert_eq!((&server["via"], &server["trust"]), (&json!("broadcast"), &json!("none")));
    assert_eq!(server["txt"], json!({"path": "/"}));
    assert_eq!(server["services"], json!([{"type": "_http._tcp", "port": 8000}]));
    for without in [["--no-mdns", "--wait=settled"], ["--only", "probes"]] {
        let search = Search::run(&net.client, &without);
        assert_eq!(search.servers.len(), 1);
        assert_eq!(search.servers[0].get("name"), None, "{search:#?}");
    }
    let only = Search::run(&net.client, &["--only", "mdns"]);
    assert_eq!(only.each("protocol"), ["dns-sd"], "{only:#?}");
    assert_eq!(only.each("url"), [format!("http://{SERVER}:8000/")]);
}

#[test]
fn what_cooee_announces_cooee_finds_with_its_name() {
    let net = pair();
    let arguments = ["--name", "Ärzte Büro", "--service-port", "8000", "--txt", "path=/a"];
    let mut server = serve(&net.server, &arguments);
    server.stderr_line_with("announced as", DEADLINE).unwrap();
    for only in [&[][..], &["--only", "mdns"]] {
        let search = Search::run(&net.client, only);
        let [server] = &search.servers[..] else { panic!("one: {search:#?}") };
        assert_eq!(
            (&server["name"], &server["hostname"]),
            (&json!("Ärzte Büro"), &json!("arzte-buro.local"))
        );
        assert_eq!((&server["ip"], &server["port"]), (&json!(SERVER), &json!(8000)));
        assert_eq!(server["txt"], json!({"path": "/a"}), "{server:#}");
        assert_eq!(server["services"], json!([{"type": "_http._tcp", "port": 8000}]));
    }
}

/// What ufw lets in by default: connections, echo requests and multicast DNS.
const UFW: &str = "table inet filter { chain input { \
    type filter hook input priority 0; policy drop; iif lo accept; \
    ct state established,related accept; \
    ip daddr 224.0.0.251 udp dport 5353 accept; ip6 daddr ff02::fb udp dport 5353 accept; \
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept; }; }";

#[test]
fn behind_a_firewall_that_lets_nothing_in_but_multicast_dns_it_is_found() {
    let net = pair();
    net.client.nft(UFW).unwrap();
    let _peer = announcing(&net.server, &[SERVER], "Workshop");
    let search = Search::run(&net.client, &["--one"]);
    assert_eq!(
        (search.status, search.each("name")),
        (0, vec!["Workshop".to_owned()]),
        "{search:#?}"
    );
    assert!(search.took < Duration::from_secs(4), "{search:#?}");
}

#[test]
fn the_first_server_by_probe_ends_it_before_anybody_browses() {
    let net = pair();
    let (_server, _peer) = (
        serve(&net.server, &["--service-port", "8000"]),
        announcing(&net.server, &[SERVER], "Workshop"),
    );
    let search = Search::run(&net.client, &["--one", "-vvv"]);
    assert_eq!(search.each("protocol"), ["classic"], "{search:#?}");
}
