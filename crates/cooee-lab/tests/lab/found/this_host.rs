//! A server on the client's own host.

use cooee_lab::netns::Host;
use cooee_lab::scene::programs::Search;

use crate::programs::{SERVER, pair, serve};

/// A bridge with an address and a container on it, as Docker and libvirt make them.
fn bridge(host: &Host, name: &str, address: &str) {
    let script = format!(
        "link add {name} type bridge\n\
         addr add {address} broadcast + dev {name}\n\
         link add veth-{name} type veth peer name in-{name}\n\
         link set veth-{name} master {name} up\n\
         link set in-{name} addrgenmode none up\n\
         link set {name} up\n"
    );
    host.ip_batch(&script).unwrap();
}

#[test]
fn a_host_with_bridges_finds_itself_once_with_all_its_addresses() {
    let lab = pair();
    bridge(&lab.server, "docker0", "172.17.0.1/16");
    bridge(&lab.server, "virbr0", "192.168.122.1/24");
    let _server = serve(&lab.server, &[]);
    let search = Search::run(&lab.server, &[]);
    let [itself] = &search.servers[..] else { panic!("one row: {search:?}") };
    assert_eq!(itself["this_host"], true, "{search:?}");
    let addresses = itself["addresses"].as_array().unwrap();
    let addresses = addresses.iter().map(|a| a.as_str().unwrap());
    let mut addresses: Vec<_> = addresses.filter(|a| !a.starts_with("fe80::")).collect();
    addresses.sort_unstable();
    assert_eq!(addresses, [SERVER, "172.17.0.1", "192.168.122.1"], "{search:?}");

    let from_outside = Search::run(&lab.client, &[]);
    assert_eq!(from_outside.each("ip"), [SERVER]);
    assert_eq!(from_outside.each("this_host"), ["false"]);
}
