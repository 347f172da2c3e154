use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cooee_core::Transmit;
use cooee_udp::{ReceiveBuffer, UdpSocket};

/// Who keeps 64 probes in flight.
#[derive(Clone, Copy)]
pub(super) struct Asker {
    pub(super) sources: Sources,
    pub(super) waits: Waits,
}

/// Where the probes seem to come from.
#[derive(Clone, Copy)]
pub(super) enum Sources {
    One,
    /// So many that none of them meets its limit.
    Many,
}

/// What it does while there is no answer.
#[derive(Clone, Copy)]
pub(super) enum Waits {
    /// It sleeps, as clients do: to wake it is a part of what an answer costs.
    Asleep,
    /// It looks again at once.
    Busily,
}

const IN_FLIGHT: usize = 64;

/// After so long without an answer something stands still. Loopback loses none that have room.
const PATIENCE: Duration = Duration::from_millis(200);

impl Asker {
    /// Asks for `time` and counts the answers; nothing if nobody answered for a while.
    pub(super) fn ask(self, port: u16, time: Duration) -> Option<u64> {
        let socket = UdpSocket::bind(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        if let Waits::Asleep = self.waits {
            socket.as_std().set_nonblocking(false).unwrap();
            socket.as_std().set_read_timeout(Some(PATIENCE)).unwrap();
        }
        let mut buffer = ReceiveBuffer::new();
        let mut numbers = 0..;
        let mut probes = |count: usize| -> Vec<Transmit> {
            numbers.by_ref().take(count).map(|number| self.probe(number, port)).collect()
        };
        let (end, mut heard) = (Instant::now() + time, Instant::now());
        let mut answers = 0;
        socket.send(&probes(IN_FLIGHT), |failure| panic!("{failure:?}"));
        loop {
            let received = socket.receive(&mut buffer);
            let now = Instant::now();
            if now >= end {
                return Some(answers);
            }
            match received {
                Ok(()) => {
                    let received = buffer.datagrams().count();
                    answers += received as u64;
                    heard = now;
                    socket.send(&probes(received), |failure| panic!("{failure:?}"));
                }
                Err(_) if now - heard >= PATIENCE => return None,
                Err(_) => {}
            }
        }
    }

    fn probe(self, number: u32, port: u16) -> Transmit {
        let source = match self.sources {
            Sources::One => Ipv4Addr::LOCALHOST,
            Sources::Many => Ipv4Addr::from_bits(0x7f01_0000 + number % 100_000),
        };
        let responder = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
        Transmit {
            source: Some(source.into()),
            ..Transmit::new(responder.into(), Bytes::from_static(b"DISCOVER_SERVER"))
        }
    }
}
