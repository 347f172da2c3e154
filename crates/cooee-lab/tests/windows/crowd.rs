//! A thousand servers, and a thousand clients.

use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

use cooee_lab::scene::crowd::with_crowd;
use cooee_lab::scene::programs::{CLIENT, DEADLINE, SERVER, pair};

use crate::wine::{Windows, ctrl_c};

const MANY: u16 = 1_000;

#[test]
fn windows_hears_a_thousand_servers() {
    let lab = pair();
    let windows = Windows::on(&lab.client);
    let search = with_crowd(&lab, MANY.into(), || windows.find(&["--timeout", "10s"]));
    assert_eq!(search.status, 0, "{}", search.said);
    assert_eq!(search.servers.len(), usize::from(MANY), "{}", search.said);
}

#[test]
fn windows_answers_a_thousand_clients() {
    let lab = pair();
    let windows = Windows::on(&lab.server);
    let server = windows.serve(&[]);
    lab.server.add_route("10.50.0.0/16", CLIENT).unwrap();
    // Every address of the network is the host's own.
    lab.client.ip(&["route", "add", "local", "10.50.0.0/16", "dev", "lo"]).unwrap();
    let clients: Vec<_> =
        (0..MANY).map(|n| Ipv4Addr::from([10, 50, 1 + (n >> 8) as u8, n as u8])).collect();
    let answered = lab.client.enter(|| clients.iter().filter(|ip| is_answered(**ip)).count());
    let said = ctrl_c(server).stderr;
    assert_eq!(answered, usize::from(MANY), "{said}");
}

/// Whether a client with this address gets an answer. Each asks as soon as the one before is
/// answered, and asks again: one datagram may be lost.
fn is_answered(client: Ipv4Addr) -> bool {
    let socket = UdpSocket::bind((client, 0)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    (0..DEADLINE.as_secs()).any(|_| {
        socket.send_to(b"DISCOVER_SERVER", (SERVER, 9999)).unwrap();
        let mut buffer = [0; 64];
        let length = socket.recv(&mut buffer).unwrap_or_default();
        buffer[..length].starts_with(b"SERVER_IP:")
    })
}
