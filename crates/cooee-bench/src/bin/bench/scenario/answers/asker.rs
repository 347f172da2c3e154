use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cooee_core::Transmit;
use cooee_udp::{ReceiveBuffer, UdpSocket};

/// Where the probes seem to come from.
#[derive(Clone, Copy)]
pub(super) enum Sources {
    One,
    /// So many that none of them meets its limit.
    Many,
}

const IN_FLIGHT: usize = 64;
const PATIENCE: Duration = Duration::from_millis(20);

/// Keeps 64 probes in flight for `time` and counts the answers.
pub(super) fn ask(port: u16, sources: Sources, time: Duration) -> u64 {
    let socket = UdpSocket::bind(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let mut buffer = ReceiveBuffer::new();
    let mut next = 0_u32;
    let mut probe = move || {
        next = next.wrapping_add(1);
        let source = match sources {
            Sources::One => Ipv4Addr::LOCALHOST,
            Sources::Many => Ipv4Addr::from_bits(0x7f01_0000 + next % 100_000),
        };
        Transmit {
            destination: SocketAddrV4::new(Ipv4Addr::LOCALHOST, port).into(),
            source: Some(source.into()),
            interface: None,
            payload: Bytes::from_static(b"DISCOVER_SERVER"),
        }
    };
    let end = Instant::now() + time;
    let (mut answers, mut heard) = (0, Instant::now());
    let mut batch: Vec<Transmit> = (0..IN_FLIGHT).map(|_| probe()).collect();
    loop {
        socket.send(&batch, |failure| panic!("{failure:?}"));
        batch.clear();
        while batch.is_empty() {
            let now = Instant::now();
            if now >= end {
                return answers;
            }
            if socket.receive(&mut buffer).is_ok() {
                batch.extend(buffer.datagrams().map(|_| probe()));
                answers += batch.len() as u64;
                heard = now;
            } else if now - heard > PATIENCE {
                heard = now;
                batch.extend((0..IN_FLIGHT).map(|_| probe()));
            }
        }
    }
}
