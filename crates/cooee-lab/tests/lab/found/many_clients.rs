//! Many clients behind one address, as on a host whose processes all look for the server at once.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use cooee_lab::netns::Host;
use cooee_lab::scene::scripted::PROBE;

use crate::counts::refused_for;
use crate::programs::{CLIENT, DEADLINE, SERVER, pair, serve, stop};

const CLIENTS: usize = 100;

/// Sends one probe from each of so many sockets, as stock clients do, and counts those answered in time.
fn answered(host: &Host, to: &str, patience: Duration) -> usize {
    let open = || {
        let socket = UdpSocket::bind((CLIENT, 0)).unwrap();
        socket.set_broadcast(true).unwrap();
        socket.set_nonblocking(true).unwrap();
        socket
    };
    let mut waiting: Vec<_> = host.enter(|| (0..CLIENTS).map(|_| open()).collect());
    for socket in &waiting {
        socket.send_to(PROBE, (to, 9999)).unwrap();
    }
    let began = Instant::now();
    while !waiting.is_empty() && began.elapsed() < patience {
        waiting.retain(|socket| socket.recv(&mut [0; 64]).is_err());
        std::thread::yield_now();
    }
    CLIENTS - waiting.len()
}

#[test]
fn a_hundred_clients_of_one_host_are_all_answered() {
    for to in [SERVER, "10.0.1.255"] {
        let lab = pair();
        // Nobody has resolved the host before.
        let _server = serve(&lab.server, &[]);
        assert_eq!(answered(&lab.client, to, DEADLINE), CLIENTS, "called by {to}");
    }
}

#[test]
fn a_host_that_asks_too_often_is_told_of_once() {
    let lab = pair();
    let server = serve(&lab.server, &[]);
    // Its bucket fills meanwhile.
    let briefly = Duration::from_millis(500);
    let all: usize = (0..10).map(|_| answered(&lab.client, SERVER, briefly)).sum();
    assert!(all < 10 * CLIENTS, "its limit is what held it back");
    let said = stop(server).stderr;
    let told = said.lines().filter(|line| line.contains("asks too often")).collect::<Vec<_>>();
    assert_eq!(told.len(), 1, "{said}");
    assert!(told[0].starts_with("warning:") && told[0].contains(CLIENT), "{said}");
    assert!(refused_for(&said, "source_rate") > 100, "{said}");
}
