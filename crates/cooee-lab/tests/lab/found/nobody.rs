//! What a client says that has found nobody.

use cooee_lab::netns::{Host, Lab, Segment};
use cooee_lab::scene::programs::Search;

use crate::programs::pair;

/// A host with a cable to a segment.
fn host() -> (Host, Segment) {
    let lab = Lab::new().unwrap();
    let (host, segment) = (lab.host("host").unwrap(), lab.segment("a").unwrap());
    host.plug(&segment).unwrap();
    (host, segment)
}

/// Looks for servers for a moment, and finds none. Nothing that is said names loopback.
fn nobody(host: &Host, arguments: &[&str]) -> String {
    let search = Search::run(host, &[&["--timeout", "400ms"], arguments].concat());
    assert_eq!(search.status, 1, "{search:?}");
    assert!(!search.said.contains("on lo") && !search.said.contains("127.0.0.1"), "{search:?}");
    search.said
}

#[test]
fn a_cable_that_is_out_is_what_is_told() {
    let (host, segment) = host();
    host.ip(&["link", "set", "eth0", "down"]).unwrap();
    host.join(&segment, "10.0.7.2/24").unwrap();
    segment.unplug().unwrap();
    let said = nobody(&host, &[]);
    assert!(said.starts_with("no servers found on this host in 0.4 s"), "{said}");
    assert!(said.contains("not used: eth0 is down and eth1 has no carrier"), "{said}");
}

#[test]
fn an_interface_without_an_address_is_what_is_told() {
    let (host, _segment) = host();
    host.ip(&["addr", "flush", "dev", "eth0"]).unwrap();
    assert!(nobody(&host, &[]).contains("not used: eth0 has no address"));
    host.add_address("eth0", "fd00::2/64").unwrap();
    assert!(nobody(&host, &[]).contains("not used: eth0 has no IPv4 address"));
}

#[test]
fn a_network_that_was_called_is_named_with_what_to_try() {
    let lab = pair();
    let said = nobody(&lab.client, &[]);
    assert!(said.starts_with("no servers found on eth0 (10.0.1.255"), "{said}");
    for advice in ["port 9999", "firewall", "--sweep"] {
        assert!(said.contains(advice), "{advice}: {said}");
    }
    assert!(!said.contains("not used"), "{said}");
}

#[test]
fn the_bridge_of_containers_is_not_taken_for_a_divided_network() {
    let (host, segment) = host();
    host.ip_batch(
        "link add docker0 type bridge\n\
         addr add 172.17.0.1/16 broadcast + dev docker0\n\
         link add veth1 type veth peer name inner\n\
         link set veth1 master docker0 up\n\
         link set inner up\n\
         link set docker0 up\n",
    )
    .unwrap();
    let only_containers = nobody(&host, &[]);
    assert!(only_containers.contains("docker0 (172.17.255.255, IPv6)"), "{only_containers}");
    assert!(only_containers.contains("only networks inside this host"), "{only_containers}");

    host.join(&segment, "10.5.0.2/16").unwrap();
    let hint = "eth1 is on 10.5.0.0/16";
    assert!(nobody(&host, &[]).contains(hint), "it does not hide the one that is");
    assert!(nobody(&host, &["--interface", "eth1"]).contains(hint));
    let without = nobody(&host, &["--exclude-interface", "eth1"]);
    assert!(!without.contains("10.5.0.0/16"), "{without}");
}
