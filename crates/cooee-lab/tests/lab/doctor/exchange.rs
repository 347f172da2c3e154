//! The test exchange: allowed, not allowed, and flooded.

use std::net::UdpSocket;

use cooee_lab::netns::Signal;
use cooee_lab::scene::programs::{CLIENT, DEADLINE, SERVER, cooee};

use super::Examination;
use crate::programs::{pair, serve, stop};

/// A call by unicast, to be answered so, as `docs/protocol.md` has it.
fn call() -> [u8; 64] {
    let mut call = [0; 64];
    call[..15].copy_from_slice(b"\0cooee-x\x82\x00\x81\x83\x07\x00\x00");
    call
}

#[test]
fn a_peer_whose_firewall_drops_broadcasts_hears_by_unicast_alone() {
    let lab = pair();
    lab.server
        .nft(
            "table inet filter { chain input {
             type filter hook input priority 0; policy accept;
             meta pkttype broadcast udp dport 9999 drop
             }
             }",
        )
        .unwrap();
    let _serving = serve(&lab.server, &["--doctor"]);
    let examined = Examination::run(&lab.client, &["--peer", SERVER]);
    assert_eq!(examined.first(), "broadcasts-lost");
}

#[test]
fn a_host_without_a_server_answers_while_it_listens() {
    let lab = pair();
    let mut listening = lab.server.spawn(cooee(), ["doctor", "--listen"]).unwrap();
    listening.stderr_line_with("answering test calls on port 9999", DEADLINE).unwrap();
    // Each hears the other, and no server is there to be found.
    let examined = Examination::run(&lab.client, &["--peer", SERVER]);
    assert_eq!((examined.status, examined.findings.len()), (0, 0), "{examined:?}");
    listening.signal(Signal::SIGTERM).unwrap();
    let finished = listening.finish(DEADLINE).unwrap();
    assert!(finished.status.success() && !finished.stderr.contains("0 test calls"), "{finished:?}");
}

#[test]
fn a_server_that_does_not_allow_it_answers_nothing_and_counts_it() {
    let lab = pair();
    let server = serve(&lab.server, &[]);
    lab.client.enter(|| {
        let socket = UdpSocket::bind((CLIENT, 0)).unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        socket.connect((SERVER, 9999)).unwrap();
        socket.send(&call()).unwrap();
        // Answered in order: what comes first shows that the call drew nothing.
        socket.send(b"DISCOVER_SERVER").unwrap();
        let mut bytes = [0; 64];
        let length = socket.recv(&mut bytes).unwrap();
        assert!(bytes[..length].starts_with(b"SERVER_IP:"), "{bytes:?}");
    });
    let said = stop(server).stderr;
    assert!(said.contains("1 exchange_off"), "{said}");
}

#[test]
fn a_flood_is_refused_and_counted() {
    let lab = pair();
    let server = serve(&lab.server, &["--doctor"]);
    let answered = lab.client.enter(|| {
        let socket = UdpSocket::bind((CLIENT, 0)).unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        socket.connect((SERVER, 9999)).unwrap();
        for _ in 0..200 {
            socket.send(&call()).unwrap();
        }
        socket.send(b"DISCOVER_SERVER").unwrap();
        let (mut bytes, mut answered) = ([0; 64], 0);
        loop {
            let length = socket.recv(&mut bytes).unwrap();
            assert!(length <= call().len(), "it amplifies");
            if bytes[..length].starts_with(b"SERVER_IP:") {
                return answered;
            }
            answered += 1;
        }
    });
    assert_eq!(answered, 30);
    let said = stop(server).stderr;
    assert!(said.contains("170 exchange_too_often"), "{said}");
}
