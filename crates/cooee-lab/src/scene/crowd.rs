//! A program that answers each probe as many servers would.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::netns::Host;
use cooee_core::Transmit;
use cooee_udp::{ReceiveBuffer, UdpSocket};

use super::programs::{Pair, SERVER};

fn member(n: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(Ipv4Addr::new(10, 50, 0, 0)) + n)
}

/// While `work` goes on, the pair's server answers as a crowd of `servers`, each member from its own
/// address. There are 65,536 addresses.
pub fn with_crowd<T>(lab: &Pair, servers: u32, work: impl FnOnce() -> T) -> T {
    lab.client.add_route("10.50.0.0/16", SERVER).unwrap();
    // Every address of the network is the host's own.
    lab.server.ip(&["route", "add", "local", "10.50.0.0/16", "dev", "lo"]).unwrap();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| answer(&lab.server, servers, &stop));
        let done = work();
        stop.store(true, Ordering::Relaxed);
        done
    })
}

fn answer(host: &Host, servers: u32, stop: &AtomicBool) {
    let any = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 9999);
    let socket = host.enter(|| UdpSocket::bind(any)).unwrap();
    let mut buffer = ReceiveBuffer::new();
    while !stop.load(Ordering::Relaxed) {
        if socket.receive(&mut buffer).is_err() {
            thread::yield_now();
            continue;
        }
        for probe in buffer.datagrams() {
            let answers: Vec<Transmit> = (0..servers)
                .map(|n| Transmit {
                    destination: probe.source,
                    source: Some(member(n).into()),
                    interface: None,
                    payload: format!("SERVER_IP:{}", member(n)).into(),
                })
                .collect();
            // Refused when the client has closed its socket, or the device's queue is full.
            socket.send(&answers, |_| {});
        }
    }
}
