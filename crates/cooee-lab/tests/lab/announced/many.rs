//! Many instances of one program.

use std::time::Duration;

use cooee_lab::scene::announcers::{Service, quiet_zeroconf};
use cooee_lab::scene::programs::{SERVER, Search, pair};
use serde_json::json;

#[test]
fn five_hundred_instances_of_one_program_are_found_within_five_seconds() {
    let net = pair();
    let service = |n: u16| Service {
        kind: "_http._tcp",
        name: format!("Server {n}"),
        host: "peer",
        port: 10_000 + n,
        txt: json!({"path": "/", "n": n.to_string()}),
    };
    let services: Vec<_> = (0..500).map(service).collect();
    let _peer = quiet_zeroconf(&net.server, &[SERVER], &services);
    let search = Search::run(&net.client, &["--service", "_http._tcp"]);
    assert_eq!(search.servers.len(), 500, "{} after {:?}", search.servers.len(), search.took);
    assert!(search.servers.iter().all(|server| server["txt"]["path"] == "/"));
    // What the search takes beside is the start of a process on a machine that may be busy.
    assert!(search.took < Duration::from_secs(6), "{:?}", search.took);
}
