//! The other side of an examination, where no server runs.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cooee_core::Examiner;
use cooee_udp::{OwnedPort, ReceiveBuffer, UdpSocket, interfaces};

use crate::StartError;
use crate::engine::OverV6;

/// How many test calls were answered and refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TestCalls {
    /// Answered.
    pub answered: u64,
    /// Refused; datagrams that are no test calls are among them.
    pub refused: u64,
}

/// Answers the test calls of other hosts' doctors on `port`, and no probes, until `stop` is set.
/// `begun` is called once it does.
///
/// # Errors
/// As [`Responder::start`](crate::Responder::start).
pub fn answer_test_calls(
    port: u16,
    stop: &AtomicBool,
    begun: impl FnOnce(),
) -> Result<TestCalls, StartError> {
    const PAUSE: Duration = Duration::from_millis(10);
    let table = interfaces().map_err(StartError::system("listing the interfaces"))?;
    let owned = OwnedPort::take(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port))?;
    let mut examiner = Examiner::without_server(&table);
    let (mut buffer, mut calls) = (ReceiveBuffer::new(), TestCalls::default());
    let over_v6 = OverV6::open(port, &table, Instant::now());
    let sockets: Vec<_> = std::iter::once(&owned.socket).chain(over_v6.socket()).collect();
    begun();
    while !stop.load(Ordering::Relaxed) {
        let mut was_idle = true;
        for socket in &sockets {
            match socket.receive(&mut buffer) {
                Ok(()) => {
                    was_idle = false;
                    answer(socket, &buffer, &mut examiner, &mut calls);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => tracing::debug!(%error, "receiving failed"),
            }
        }
        if was_idle {
            std::thread::sleep(PAUSE);
        }
    }
    Ok(calls)
}

fn answer(
    socket: &UdpSocket,
    buffer: &ReceiveBuffer,
    examiner: &mut Examiner,
    calls: &mut TestCalls,
) {
    let now = Instant::now();
    let mut answers = Vec::new();
    for datagram in buffer.datagrams() {
        match examiner.handle_datagram(now, &datagram) {
            Ok(answer) => answers.push(answer),
            Err(why) => {
                calls.refused += 1;
                tracing::debug!(from = %datagram.source, ?why, "refused a datagram");
            }
        }
    }
    calls.answered += answers.len() as u64;
    socket.send(&answers, |failure| {
        tracing::debug!(error = %failure.error, "an answer was not sent");
    });
}
