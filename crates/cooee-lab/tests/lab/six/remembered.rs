//! Servers that are remembered on a network without IPv4.

use std::fs;

use serde_json::Value;

use super::deaf::{SERVER, SERVER_OF_PREFIX, Site, site};
use crate::programs::{DEADLINE, cooee, serve};

/// What is remembered of each network.
fn networks(site: &Site) -> Vec<Value> {
    let Ok(text) = fs::read_to_string(site.state.path().join("cooee/servers.json")) else {
        return Vec::new();
    };
    let book: Value = serde_json::from_str(&text).unwrap();
    book["networks"].as_array().unwrap().clone()
}

#[test]
fn a_server_is_remembered_by_the_prefix_and_called_by_the_name_of_its_interface() {
    let site = site(Some("fd00:1"));
    let _serving = serve(&site.server, &[]);
    assert!(site.find(&["--timeout", "1s"]).servers.is_empty(), "the group does not reach it");
    let named = site.find(&["--host", &format!("{SERVER}%eth0"), "--host", SERVER_OF_PREFIX]);
    assert_eq!(named.each("via"), ["host"; 2], "{named:?}");
    let [network] = &networks(&site)[..] else { panic!("one network") };
    assert_eq!(network["network"], "fd00:1::/64");
    let servers: Vec<_> = network["servers"].as_array().unwrap().iter().collect();
    let has = |it: &str| servers.iter().any(|server| server["address"] == it);
    assert!(has(&format!("[{SERVER}%eth0]:9999")) && has("[fd00:1::7]:9999"), "{network}");

    let again = site.find(&[]);
    assert_eq!(again.each("via"), ["remembered"; 2], "{again:?}");
    let (first_round, _) = again.said.split_once("round: 2").expect("it has several rounds");
    assert_eq!(first_round.matches("a server answered").count(), 2, "{again:?}");

    // The interface has another number now.
    site.client.ip(&["link", "set", "eth0", "name", "other"]).unwrap();
    let renamed = site.find(&["--wait", "quick"]);
    assert_eq!(renamed.each("ip"), [SERVER_OF_PREFIX], "its name tells where it is: {renamed:?}");
}

#[test]
fn where_only_link_local_addresses_are_nothing_is_remembered_without_a_router() {
    let site = site(None);
    let _serving = serve(&site.server, &[]);
    let host = format!("{SERVER}%eth0");
    let named = site.find(&["--host", &host]);
    assert_eq!(named.each("via"), ["host"], "{named:?}");
    assert_eq!(named.lines_with("servers are not remembered: there is neither"), 1, "{named:?}");
    assert!(networks(&site).is_empty());

    // A router that was resolved, as its advertisements do.
    site.client.ip(&["route", "add", "default", "via", "fe80::1", "dev", "eth0"]).unwrap();
    let unresolved = site.find(&["--host", &host]);
    assert_eq!(unresolved.lines_with("the router is not resolved"), 1, "{unresolved:?}");
    let resolve = |lladdr: &str| {
        let entry = ["neigh", "replace", "fe80::1", "lladdr", lladdr, "dev", "eth0"];
        site.client.ip(&entry).unwrap();
    };
    resolve("02:00:00:00:00:01");
    assert_eq!(site.find(&["--host", &host]).each("via"), ["host"]);
    assert_eq!(networks(&site)[0]["network"], "gateway 02:00:00:00:00:01");
    assert_eq!(site.find(&[]).each("via"), ["remembered"]);

    // Another router is another network.
    resolve("02:00:00:00:00:02");
    let elsewhere = site.find(&["--timeout", "1s"]);
    assert_eq!(elsewhere.lines_with("rung: remembered"), 0, "{elsewhere:?}");
}

#[test]
fn finds_that_end_at_one_moment_lose_nothing() {
    let site = site(Some("fd00:1"));
    let ports: Vec<String> = (9990..9998).map(|port: u16| port.to_string()).collect();
    let serving: Vec<_> = ports.iter().map(|port| serve(&site.server, &["--port", port])).collect();
    let state = format!("XDG_STATE_HOME={}", site.state.path().display());
    let program = cooee();
    let finds: Vec<_> = ports
        .iter()
        .map(|port| {
            let find = [&state, program.to_str().unwrap(), "find", "--wait", "full"];
            let rest = ["--timeout", "1s", "--port", port, "--host", SERVER_OF_PREFIX];
            site.client.spawn("env", [&find[..], &rest].concat()).unwrap()
        })
        .collect();
    for find in finds {
        let finished = find.finish(DEADLINE).unwrap();
        assert!(finished.status.success(), "{finished:?}");
    }
    let [network] = &networks(&site)[..] else { panic!("one network") };
    assert_eq!(network["servers"].as_array().unwrap().len(), ports.len(), "{network}");
    drop(serving);
}
