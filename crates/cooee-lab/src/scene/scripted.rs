//! Servers that answer as a script says, and hosts that only listen.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::UdpSocket;
use std::thread;
use std::time::{Duration, Instant};

use crate::netns::Host;

use super::over::Over;
use super::programs::DEADLINE;

/// The probe of the stock programs.
pub const PROBE: &[u8] = b"DISCOVER_SERVER";

/// How a server answers.
#[derive(Debug, Clone, Copy)]
pub struct Script<'a> {
    /// What it answers.
    pub answer: &'a [u8],
    /// How long it takes to.
    pub after: Duration,
}

impl<'a> Script<'a> {
    /// Answers at once.
    pub fn at_once(answer: &'a [u8]) -> Self {
        Self { answer, after: Duration::ZERO }
    }

    /// While `work` goes on, every probe to port 9999 of the host is answered.
    pub fn play<T>(self, host: &Host, work: impl FnOnce() -> T) -> T {
        let socket = listen(host);
        socket.set_read_timeout(Some(Duration::from_millis(2))).unwrap();
        let over = Over::default();
        thread::scope(|scope| {
            let _say_over = over.when_dropped();
            scope.spawn(|| self.answer(&socket, &over));
            work()
        })
    }

    fn answer(self, socket: &UdpSocket, over: &Over) {
        let (mut buffer, mut waiting) = ([0; 64], VecDeque::new());
        while !over.is_over() {
            match socket.recv_from(&mut buffer) {
                Ok((length, asker)) if &buffer[..length] == PROBE => {
                    waiting.push_back((Instant::now() + self.after, asker));
                }
                Ok(_) => {}
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
            }
            while waiting.front().is_some_and(|(due, _)| *due <= Instant::now()) {
                let (_, asker) = waiting.pop_front().unwrap();
                // Refused once the client has closed its socket.
                let _ = socket.send_to(self.answer, asker);
            }
        }
    }
}

/// Opens port 9999 of the host. Nobody answers on it.
pub fn listen(host: &Host) -> UdpSocket {
    let socket = host.enter(|| UdpSocket::bind("0.0.0.0:9999")).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket
}

/// How many datagrams have arrived that nobody has read.
pub fn heard(socket: &UdpSocket) -> usize {
    socket.set_nonblocking(true).unwrap();
    let heard = std::iter::from_fn(|| socket.recv(&mut [0; 64]).ok()).count();
    socket.set_nonblocking(false).unwrap();
    heard
}
