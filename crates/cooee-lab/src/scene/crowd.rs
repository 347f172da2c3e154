//! A program that answers each probe as many servers would.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::thread;
use std::time::Duration;

use crate::netns::Host;
use cooee_core::Transmit;
use cooee_udp::{ReceiveBuffer, UdpSocket};

use super::over::Over;
use super::programs::{Pair, SERVER};

/// How long it takes at most to see that it is to stop.
const LOOKS_UP_EVERY: Duration = Duration::from_millis(20);

fn member(n: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(Ipv4Addr::new(10, 50, 0, 0)) + n)
}

/// While `work` goes on, the pair's server answers as a crowd of `servers`, each member from its own
/// address. There are 65,536 addresses.
pub fn with_crowd<T>(lab: &Pair, servers: u32, work: impl FnOnce() -> T) -> T {
    lab.client.add_route("10.50.0.0/16", SERVER).unwrap();
    // Every address of the network is the host's own.
    lab.server.ip(&["route", "add", "local", "10.50.0.0/16", "dev", "lo"]).unwrap();
    let over = Over::default();
    thread::scope(|scope| {
        let _say_over = over.when_dropped();
        scope.spawn(|| answer(&lab.server, servers, &over));
        work()
    })
}

fn answer(host: &Host, servers: u32, over: &Over) {
    let any = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 9999);
    let socket = host.enter(|| UdpSocket::bind(any)).unwrap();
    socket.as_std().set_nonblocking(false).unwrap();
    socket.as_std().set_read_timeout(Some(LOOKS_UP_EVERY)).unwrap();
    let mut buffer = ReceiveBuffer::new();
    let mut answers: Vec<Transmit> = (0..servers)
        .map(|n| Transmit {
            socket: cooee_core::SocketId::default(),
            destination: any.into(),
            source: Some(member(n).into()),
            interface: None,
            payload: format!("SERVER_IP:{}", member(n)).into(),
        })
        .collect();
    while !over.is_over() {
        if socket.receive(&mut buffer).is_err() {
            continue;
        }
        for probe in buffer.datagrams() {
            answers.iter_mut().for_each(|answer| answer.destination = probe.source);
            // Refused when the client has closed its socket, or the device's queue is full.
            socket.send(&answers, |_| {});
        }
    }
}
