//! Segments and interfaces without IPv4.

use cooee_lab::netns::{Host, Lab, Segment, eventually};
use cooee_lab::scene::programs::Search;

use super::fetching::{fetch, web};
use crate::programs::{DEADLINE, cooee, serve, stop};

fn plugged(lab: &Lab, name: &str, segment: &Segment) -> Host {
    let host = lab.host(name).unwrap();
    host.plug(segment).unwrap();
    host
}

#[test]
fn on_a_segment_without_ipv4_a_server_is_found_with_its_zone() {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let (server, client) = (plugged(&lab, "server", &segment), plugged(&lab, "client", &segment));
    web(&server, 8000, "here");
    let serving = serve(&server, &["--service-port", "8000"]);
    let search = Search::run(&client, &[]);
    let [ip] = &search.each("ip")[..] else { panic!("one server: {search:?}") };
    assert!(ip.starts_with("fe80::"), "{ip}");
    assert_eq!(search.each("interface"), ["eth0"]);
    assert_eq!(search.each("url"), [format!("http://[{ip}%25eth0]:8000/")]);
    assert_eq!(search.each("trust"), ["none"]);
    assert_eq!(search.each("routed"), ["true"]);
    assert_eq!(fetch(&client, &search.each("url")[0]), "here");
    let one = client.spawn(cooee(), ["find", "--one", "--format", "url"]).unwrap();
    let one = one.finish(DEADLINE).unwrap();
    assert_eq!(one.stdout.trim_end(), search.each("url")[0], "{one:?}");
    stop(serving);
}

#[test]
fn one_link_local_address_on_two_links_is_two_servers() {
    let lab = Lab::new().unwrap();
    let segments = [lab.segment("a").unwrap(), lab.segment("b").unwrap()];
    let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    for segment in &segments {
        for (host, address) in [(&server, "fe80::1/64"), (&client, "fe80::2/64")] {
            let name = host.plug(segment).unwrap();
            host.ip(&["-6", "addr", "flush", "dev", &name]).unwrap();
            host.add_address(&name, address).unwrap();
        }
    }
    web(&server, 8000, "here");
    let serving = serve(&server, &["--service-port", "8000"]);
    let search = Search::run(&client, &[]);
    assert_eq!(search.each("ip"), ["fe80::1", "fe80::1"], "{search:?}");
    assert_eq!(search.each("interface"), ["eth0", "eth1"]);
    let urls = search.each("url");
    assert_eq!(urls, ["http://[fe80::1%25eth0]:8000/", "http://[fe80::1%25eth1]:8000/"]);
    for url in &urls {
        assert_eq!(fetch(&client, url), "here", "{url}");
    }
    stop(serving);
}

#[test]
fn a_link_that_comes_while_it_serves_is_joined_and_again_when_it_comes_back() {
    let lab = Lab::new().unwrap();
    let (first, second) = (lab.segment("a").unwrap(), lab.segment("b").unwrap());
    let (server, client) = (plugged(&lab, "server", &first), plugged(&lab, "client", &second));
    let serving = serve(&server, &[]);
    assert_eq!(Search::run(&client, &["--wait", "quick"]).servers.len(), 0);
    let name = server.plug(&second).unwrap();
    let is_found = || (Search::run(&client, &["--wait", "quick"]).servers.len() == 1).then_some(());
    eventually(DEADLINE, is_found).expect("it has joined");
    let disable = |value: &str| {
        let path = format!("/proc/sys/net/ipv6/conf/{name}/disable_ipv6");
        server.enter(|| std::fs::write(&path, value)).unwrap();
    };
    disable("1");
    assert_eq!(Search::run(&client, &["--wait", "quick"]).servers.len(), 0);
    disable("0");
    eventually(DEADLINE, is_found).expect("it has joined again");
    stop(serving);
}

#[test]
fn where_ipv6_is_switched_off_everything_works_as_before() {
    let lab = crate::programs::pair();
    for host in [&lab.server, &lab.client] {
        for of in ["all", "default"] {
            let path = format!("/proc/sys/net/ipv6/conf/{of}/disable_ipv6");
            host.enter(|| std::fs::write(&path, "1")).unwrap();
        }
    }
    let serving = serve(&lab.server, &[]);
    let search = Search::run(&lab.client, &[]);
    assert_eq!(search.each("ip"), [crate::programs::SERVER]);
    assert_eq!(search.said.trim(), "", "{search:?}");
    let finished = stop(serving);
    assert!(!finished.stderr.to_lowercase().contains("ipv6"), "{finished:?}");
}
