//! Interfaces that come, go and change while a server runs.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Host, Lab};

use crate::programs::{DEADLINE, SERVER, cooee, find, find_one, pair, serve, stop};

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
    let second = Lab::new().unwrap().segment("b").unwrap();
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
    let second = Lab::new().unwrap().segment("b").unwrap();
    lab.server.join(&second, "10.0.2.2/24").unwrap();
    lab.client.join(&second, "10.0.2.3/24").unwrap();
    let _server = serve(&lab.server, &[]);
    assert_eq!(find(&lab.client, &[]).1.len(), 2);
    lab.server.ip(&["link", "delete", "eth1"]).unwrap();
    assert_eq!(find_one(&lab.client, &["--interface", "eth0"])["ip"], SERVER);
}

#[test]
fn a_network_that_comes_up_during_a_call_is_called_on() {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    server.join(&segment, "10.0.1.2/24").unwrap();
    let _server = serve(&server, &[]);
    // Without a network it calls on loopback, which shows that it has begun.
    let loopback = client.enter(|| UdpSocket::bind("127.0.0.1:9999")).unwrap();
    loopback.set_read_timeout(Some(DEADLINE)).unwrap();
    let arguments = ["find", "--one", "--timeout", "15s", "--format", "url"];
    let finding = client.spawn(cooee(), arguments).unwrap();
    loopback.recv(&mut [0; 64]).unwrap();
    client.join(&segment, "10.0.1.3/24").unwrap();
    let finished = finding.finish(DEADLINE).unwrap();
    assert_eq!(finished.stdout, "http://10.0.1.2:8000/\n", "{finished:?}");
}

#[test]
fn a_server_started_before_its_network_answers_on_it() {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    let mut serving = serve(&server, &["-vv"]);
    server.join(&segment, "10.0.1.2/24").unwrap();
    client.join(&segment, "10.0.1.3/24").unwrap();
    assert_eq!(next_answer(&client), "SERVER_IP:10.0.1.2");
    serving.stderr_line_with("10.0.1.3", DEADLINE).unwrap();
}
