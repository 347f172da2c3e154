//! Servers behind a router, which broadcasts do not reach: found by name or by a sweep the first
//! time, and because they are remembered the next.

use std::fs;
use std::time::Instant;

use cooee_lab::netns::{Host, Lab, Segment};
use cooee_lab::scene::programs::{DEADLINE, STOCK, Search, cooee, stock_discover};
use serde_json::Value;

use crate::programs::serve;

/// A client, a router, and two segments behind it with a server each.
struct Site {
    client: Host,
    one: Host,
    another: Host,
    home: Segment,
    /// What keeps the network, and the directory in which the client remembers.
    _rest: (Host, [Segment; 2]),
    state: tempfile::TempDir,
}

const ONE: &str = "10.0.1.5";
const ANOTHER: &str = "10.0.3.5";

fn site() -> Site {
    let lab = Lab::new().unwrap();
    let [a, home, c] = ["a", "home", "c"].map(|name| lab.segment(name).unwrap());
    let [client, one, another] = ["client", "one", "another"].map(|name| lab.host(name).unwrap());
    one.join(&a, &format!("{ONE}/24")).unwrap();
    client.join(&home, "10.0.2.3/24").unwrap();
    another.join(&c, &format!("{ANOTHER}/24")).unwrap();
    let legs = [(&a, "10.0.1.1/24"), (&home, "10.0.2.1/24"), (&c, "10.0.3.1/24")];
    let router = lab.router("router", &legs).unwrap();
    one.default_route("10.0.1.1").unwrap();
    client.default_route("10.0.2.1").unwrap();
    another.default_route("10.0.3.1").unwrap();
    let state = tempfile::tempdir().unwrap();
    Site { client, one, another, home, _rest: (router, [a, c]), state }
}

impl Site {
    fn find(&self, arguments: &[&str]) -> Search {
        let began = Instant::now();
        let state = format!("XDG_STATE_HOME={}", self.state.path().display());
        let program = cooee();
        let words = [state.as_str(), program.to_str().unwrap(), "find", "--format", "json"];
        let child = self.client.spawn("env", [&words[..], arguments].concat()).unwrap();
        Search::of(child.finish(DEADLINE).unwrap(), began)
    }

    /// The addresses that are remembered.
    fn remembered(&self) -> Vec<String> {
        let text = fs::read_to_string(self.state.path().join("cooee/servers.json")).unwrap();
        let book: Value = serde_json::from_str(&text).unwrap();
        let networks = book["networks"].as_array().unwrap();
        let servers = networks.iter().flat_map(|network| network["servers"].as_array().unwrap());
        let address = |server: &Value| server["address"].as_str().unwrap().to_owned();
        let mut addresses: Vec<String> = servers.map(address).collect();
        addresses.sort();
        addresses
    }
}

#[test]
fn servers_behind_a_router_are_found_in_one_round_trip_the_second_time() {
    let site = site();
    let _serving = (serve(&site.one, &[]), serve(&site.another, &[]));
    assert!(stock_discover(&site.client, STOCK).is_empty(), "broadcasts do not reach them");
    assert_eq!(site.find(&["--timeout", "1s"]).status, 1);
    let first = site.find(&["--host", ONE, "--subnet", "10.0.3.0/28"]);
    assert_eq!(first.each("ip"), [ONE, ANOTHER], "{first:?}");
    assert_eq!(first.each("via"), ["host", "sweep"], "{first:?}");
    let second = site.find(&["-v"]);
    assert_eq!(second.each("ip"), [ONE, ANOTHER], "{second:?}");
    assert_eq!(second.each("via"), ["remembered", "remembered"], "{second:?}");
    let (first_round, _) = second.said.split_once("round: 2").expect("it has several rounds");
    assert_eq!(first_round.matches("a server answered").count(), 2, "{second:?}");
    assert_eq!(second.lines_with("not heard"), 1, "it settles as others do: {second:?}");

    for off in [&["--no-memory"][..], &["--memory=false"]] {
        let without = site.find(&[&["--timeout", "500ms"], off].concat());
        assert_eq!(without.servers.len(), 0, "{without:?}");
    }
}

#[test]
fn what_moved_is_found_again_and_the_memory_is_corrected() {
    let site = site();
    let serving = serve(&site.one, &[]);
    let first = site.find(&["--host", ONE]);
    assert_eq!(first.each("via"), ["host"], "{first:?}");
    assert_eq!(site.remembered(), [format!("{ONE}:9999")]);

    // Another address on its network: a sweep finds it, and what is silent is forgotten.
    drop(serving);
    site.one.ip(&["addr", "flush", "dev", "eth0"]).unwrap();
    site.one.add_address("eth0", "10.0.1.9/24").unwrap();
    site.one.default_route("10.0.1.1").unwrap();
    let serving = serve(&site.one, &[]);
    let moved = site.find(&["--subnet", "10.0.1.0/28"]);
    assert_eq!(
        (moved.each("ip"), moved.each("via")),
        (vec!["10.0.1.9".into()], vec!["sweep".into()])
    );
    assert_eq!(site.remembered(), [format!("{ONE}:9999"), "10.0.1.9:9999".into()]);
    let again = site.find(&[]);
    assert_eq!(again.each("via"), ["remembered"], "{again:?}");
    assert_eq!(site.remembered(), ["10.0.1.9:9999"]);

    // Another segment, the client's: a broadcast finds it.
    drop(serving);
    site.another.join(&site.home, "10.0.2.7/24").unwrap();
    let _serving = serve(&site.another, &[]);
    let here = site.find(&[]);
    assert_eq!(
        (here.each("ip"), here.each("via")),
        (vec!["10.0.2.7".into()], vec!["broadcast".into()])
    );
    site.find(&[]);
    assert_eq!(site.remembered(), ["10.0.2.7:9999"]);
}

#[test]
fn another_network_of_the_same_number_is_another_network() {
    let lab = Lab::new().unwrap();
    let [home, cafe] = ["home", "cafe"].map(|name| lab.segment(name).unwrap());
    let client = lab.host("client").unwrap();
    let server = lab.host("server").unwrap();
    client.join(&home, "192.168.1.3/24").unwrap();
    server.join(&home, "192.168.1.7/24").unwrap();
    let _routers = [
        lab.router("router", &[(&home, "192.168.1.1/24")]).unwrap(),
        lab.router("another", &[(&cafe, "192.168.1.1/24")]).unwrap(),
    ];
    client.default_route("192.168.1.1").unwrap();
    let (_serving, state) = (serve(&server, &[]), tempfile::tempdir().unwrap());
    let find = |arguments: &[&str]| {
        let began = Instant::now();
        let state = format!("XDG_STATE_HOME={}", state.path().display());
        let program = cooee();
        let words = [state.as_str(), program.to_str().unwrap(), "find", "--format", "json", "-v"];
        let child = client.spawn("env", [&words[..], arguments].concat()).unwrap();
        Search::of(child.finish(DEADLINE).unwrap(), began)
    };
    // To reach it the gateway is resolved.
    assert_eq!(find(&["--host", "10.99.0.1", "--timeout", "1s"]).each("ip"), ["192.168.1.7"]);
    let at_home = find(&[]);
    assert_eq!(at_home.lines_with("rung: remembered"), 2, "{at_home:?}");

    client.ip(&["link", "set", "eth0", "down"]).unwrap();
    client.join(&cafe, "192.168.1.3/24").unwrap();
    client.default_route("192.168.1.1").unwrap();
    let in_the_cafe = find(&["--host", "10.99.0.1", "--timeout", "1s"]);
    assert_eq!(in_the_cafe.lines_with("rung: remembered"), 0, "{in_the_cafe:?}");
    let in_the_cafe = find(&["--timeout", "1s"]);
    assert_eq!(in_the_cafe.lines_with("rung: remembered"), 0, "{in_the_cafe:?}");
}
