//! The other side of an examination, where no server runs.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cooee_core::Examiner;
use cooee_udp::{OwnedPort, ReceiveBuffer, interfaces};

use crate::StartError;

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
    begun();
    while !stop.load(Ordering::Relaxed) {
        match owned.socket.receive(&mut buffer) {
            Ok(()) => {}
            Err(error) => {
                if error.kind() != io::ErrorKind::WouldBlock {
                    tracing::debug!(%error, "receiving failed");
                }
                std::thread::sleep(PAUSE);
                continue;
            }
        }
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
        owned.socket.send(&answers, |failure| {
            tracing::debug!(error = %failure.error, "an answer was not sent");
        });
    }
    Ok(calls)
}
