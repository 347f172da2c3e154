//! A program that answers each probe as ten thousand servers would.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use cooee_core::Transmit;
use cooee_lab::netns::Host;
use cooee_udp::{ReceiveBuffer, UdpSocket};

use crate::programs::{Pair, SERVER};

pub(crate) const SERVERS: u32 = 10_000;

fn member(n: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(Ipv4Addr::new(10, 50, 0, 0)) + n)
}

/// While `work` goes on, the pair's server answers as a crowd, each member from its own address.
pub(crate) fn with_crowd<T>(lab: &Pair, work: impl FnOnce() -> T) -> T {
    lab.client.add_route("10.50.0.0/16", SERVER).unwrap();
    // Every address of the network is the host's own.
    lab.server.ip(&["route", "add", "local", "10.50.0.0/16", "dev", "lo"]).unwrap();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| answer(&lab.server, &stop));
        let done = work();
        stop.store(true, Ordering::Relaxed);
        done
    })
}

fn answer(host: &Host, stop: &AtomicBool) {
    let any = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 9999);
    let socket = host.enter(|| UdpSocket::bind(any)).unwrap();
    let mut buffer = ReceiveBuffer::new();
    while !stop.load(Ordering::Relaxed) {
        if socket.receive(&mut buffer).is_err() {
            thread::yield_now();
            continue;
        }
        for probe in buffer.datagrams() {
            let answers: Vec<Transmit> = (0..SERVERS)
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
