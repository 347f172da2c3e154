//! Interfaces that come, go and change while a server runs.

use std::time::{Duration, Instant};

use crate::programs::{DEADLINE, SERVER, find, find_one, pair, serve, stop};
use cooee_lab::netns::Host;

/// What the first answer that arrives says.
fn next_answer(host: &Host) -> String {
    let began = Instant::now();
    let (status, found) = find(host, &["--one", "--timeout", "10s"]);
    assert_eq!(status, 0);
    assert!(began.elapsed() < Duration::from_secs(2));
    found[0]["raw"].as_str().unwrap().to_owned()
}

#[test]
fn an_address_that_is_replaced_is_right_in_the_next_answer() {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    assert_eq!(next_answer(&lab.client), format!("SERVER_IP:{SERVER}"));
    lab.server.replace_address("eth0", "10.0.1.2/24", "10.0.1.77/24").unwrap();
    assert_eq!(next_answer(&lab.client), "SERVER_IP:10.0.1.77");
}

#[test]
fn an_interface_that_is_added_answers() {
    let lab = pair();
    let server = serve(&lab.server, &[]);
    let second = cooee_lab::netns::Lab::new().unwrap().segment("b").unwrap();
    lab.server.join(&second, "10.0.2.2/24").unwrap();
    lab.client.join(&second, "10.0.2.3/24").unwrap();
    let (_, found) = find(&lab.client, &["--interface", "eth1", "--one"]);
    assert_eq!(found[0]["raw"], "SERVER_IP:10.0.2.2");
    assert_eq!(found[0]["source"], "10.0.2.2:9999");
    stop(server);
}

#[test]
fn an_interface_that_goes_away_leaves_the_others_answered() {
    let lab = pair();
    let second = cooee_lab::netns::Lab::new().unwrap().segment("b").unwrap();
    lab.server.join(&second, "10.0.2.2/24").unwrap();
    lab.client.join(&second, "10.0.2.3/24").unwrap();
    let _server = serve(&lab.server, &[]);
    assert_eq!(find(&lab.client, &[]).1.len(), 2);
    lab.server.ip(&["link", "delete", "eth1"]).unwrap();
    assert_eq!(find_one(&lab.client, &["--interface", "eth0"])["ip"], SERVER);
}

#[test]
fn a_server_started_before_its_network_answers_on_it() {
    let lab = cooee_lab::netns::Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    let mut serving = serve(&server, &["-vv"]);
    server.join(&segment, "10.0.1.2/24").unwrap();
    client.join(&segment, "10.0.1.3/24").unwrap();
    assert_eq!(next_answer(&client), "SERVER_IP:10.0.1.2");
    serving.stderr_line_with("10.0.1.3", DEADLINE).unwrap();
}
