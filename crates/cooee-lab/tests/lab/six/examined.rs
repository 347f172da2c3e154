//! `cooee doctor` and a peer without IPv4 that the group does not reach.

use std::net::TcpListener;

use cooee_lab::netns::Signal;
use serde_json::Value;

use super::deaf::{SERVER, SERVER_OF_PREFIX, Site, site};
use crate::programs::{DEADLINE, cooee, serve};

/// The findings of an examination.
fn findings(site: &Site, peer: &str) -> Vec<Value> {
    findings_with(site, peer, &[])
}

fn findings_with(site: &Site, peer: &str, arguments: &[&str]) -> Vec<Value> {
    let words = [&["doctor", "--format", "json", "--peer", peer], arguments].concat();
    let finished = site.client.spawn(cooee(), words).unwrap().finish(DEADLINE).unwrap();
    let report: Value = serde_json::from_str(&finished.stdout)
        .unwrap_or_else(|error| panic!("{error}: {finished:?}"));
    report["findings"].as_array().expect("a list").clone()
}

fn coded<'a>(findings: &'a [Value], code: &str) -> Option<&'a Value> {
    findings.iter().find(|finding| finding["code"] == code)
}

#[test]
fn a_peer_that_hears_by_unicast_alone_is_told_from_one_that_hears_the_group() {
    let site = site(Some("fd00:1"));
    let _serving = serve(&site.server, &["--doctor"]);
    let zoned = format!("{SERVER}%eth0");
    let with_port = format!("[{zoned}]:9999");
    let peers = [zoned.as_str(), &with_port, SERVER_OF_PREFIX];
    for peer in peers {
        let found = findings(&site, peer);
        let lost = coded(&found, "broadcasts-lost").unwrap_or_else(|| panic!("{peer}: {found:?}"));
        let name = if peer == SERVER_OF_PREFIX { peer } else { &zoned };
        assert_eq!(
            lost["seen"],
            format!("{name} hears this host by unicast, and not by multicast")
        );
    }
    site.server.nft("delete table ip6 deaf\n").unwrap();
    let _service = site.server.enter(|| TcpListener::bind("[::]:8000")).unwrap();
    for peer in peers {
        assert_eq!(findings_with(&site, peer, &["-6"]), [Value::Null; 0], "{peer}");
    }
}

#[test]
fn a_server_that_expects_another_message_is_told_over_ipv6() {
    let site = site(None);
    let _serving = serve(&site.server, &["--doctor", "--message", "HELLO"]);
    let found = findings(&site, &format!("{SERVER}%eth0"));
    assert!(coded(&found, "other-message").is_some(), "{found:?}");
}

#[test]
fn a_host_that_listens_answers_over_ipv6() {
    let site = site(None);
    let mut listening = site.server.spawn(cooee(), ["doctor", "--listen"]).unwrap();
    listening.stderr_line_with("answering test calls on port 9999", DEADLINE).unwrap();
    let found = findings(&site, &format!("{SERVER}%eth0"));
    assert!(coded(&found, "broadcasts-lost").is_some(), "{found:?}");
    listening.signal(Signal::SIGTERM).unwrap();
    let finished = listening.finish(DEADLINE).unwrap();
    assert!(!finished.stderr.contains("0 test calls"), "{finished:?}");
}

#[test]
fn a_firewall_that_drops_answers_over_ipv6_is_told_beside_one_that_drops_them_over_ipv4() {
    let site = site(None);
    site.server.nft("delete table ip6 deaf\n").unwrap();
    let _service = site.server.enter(|| TcpListener::bind("[::]:8000")).unwrap();
    let _serving = serve(&site.server, &["--doctor"]);
    for family in ["ip", "ip6"] {
        let rules = format!(
            "table {family} filter {{ chain input {{
             type filter hook input priority 0; policy drop;
             iif lo accept
             ct state established,related accept
             meta l4proto icmpv6 accept
             }}
             }}\n"
        );
        site.client.nft(&rules).unwrap();
    }
    let found = findings_with(&site, &format!("{SERVER}%eth0"), &["-6"]);
    let told = coded(&found, "own-firewall").unwrap_or_else(|| panic!("{found:?}"));
    assert!(told["seen"].as_str().unwrap().contains(SERVER), "{told}");
}
