//! Which answers are those of one server.

use cooee_lab::netns::Lab;
use cooee_lab::scene::programs::Search;

use crate::programs::{DEADLINE, SERVER, cooee, pair, serve};

#[test]
fn two_networks_of_the_same_numbers_are_two_rows() {
    let lab = Lab::new().unwrap();
    let (a, b) = (lab.segment("a").unwrap(), lab.segment("b").unwrap());
    let client = lab.host("client").unwrap();
    client.join(&a, "192.168.1.2/24").unwrap();
    client.join(&b, "192.168.1.3/24").unwrap();
    let (one, other) = (lab.host("one").unwrap(), lab.host("other").unwrap());
    one.join(&a, "192.168.1.10/24").unwrap();
    other.join(&b, "192.168.1.10/24").unwrap();
    let _servers = [serve(&one, &[]), serve(&other, &[])];
    let search = Search::run(&client, &[]);
    assert_eq!(search.each("url"), ["http://192.168.1.10:8000/"; 2], "{search:?}");
    assert_eq!(search.each("interface"), ["eth0", "eth1"]);
}

#[test]
fn a_server_with_two_interfaces_on_one_segment_is_one_row() {
    let lab = pair();
    lab.server.join(&lab.segment, "10.0.1.4/24").unwrap();
    let _server = serve(&lab.server, &[]);
    let search = Search::run(&lab.client, &[]);
    let [server] = &search.servers[..] else { panic!("one row: {search:?}") };
    assert!([SERVER, "10.0.1.4"].contains(&server["ip"].as_str().unwrap()), "{search:?}");
}

/// As on a laptop whose cable and radio are one network, where each interface answers ARP for its own
/// addresses only. The client takes them for two equal networks, and a row is an interface, a host and
/// a port.
#[test]
fn a_client_with_two_interfaces_on_one_segment_lists_a_server_for_each() {
    let lab = pair();
    lab.client.join(&lab.segment, "10.0.1.9/24").unwrap();
    let own_only = || std::fs::write("/proc/sys/net/ipv4/conf/all/arp_ignore", "1");
    lab.client.enter(own_only).unwrap();
    let _server = serve(&lab.server, &[]);
    let search = Search::run(&lab.client, &[]);
    assert_eq!(search.each("ip"), [SERVER, SERVER], "{search:?}");
    let mut interfaces = search.each("interface");
    interfaces.sort();
    interfaces.dedup();
    assert_eq!(interfaces.len(), 2, "{search:?}");
}

#[test]
fn the_table_tells_where_an_answer_came_from_if_not_from_the_address() {
    let lab = pair();
    let search = |named: &str| {
        let _server = serve(&lab.server, &["--advertise", named]);
        lab.client.spawn(cooee(), ["find"]).unwrap().finish(DEADLINE).unwrap().stdout
    };
    let table = search("10.0.1.9");
    let row = table.lines().find(|line| line.starts_with("10.0.1.9:8000")).unwrap();
    assert!(row.contains(&format!("from {SERVER} ")), "{table}");
    assert!(row.contains("unverified"), "{table}");

    // As a server behind a translator does.
    let table = search("172.17.0.2");
    let row = table.lines().find(|line| line.starts_with(&format!("{SERVER}:8000"))).unwrap();
    assert!(row.contains("unverified"), "{table}");
    assert!(row.contains("(named 172.17.0.2, to which there is no route; "), "{table}");

    let direct = serve(&lab.server, &["--port", "9998"]);
    let table = lab.client.spawn(cooee(), ["find", "--port", "9998"]).unwrap();
    let table = table.finish(DEADLINE).unwrap();
    assert!(table.stdout.contains(&format!("{SERVER}:8000")), "{table:?}");
    assert!(!table.stdout.contains("from "), "{table:?}");
    drop(direct);
}
