//! Traffic that keeps a client or a server busy while something is tried.

use std::net::UdpSocket;
use std::thread;
use std::time::Instant;

use crate::netns::Child;

use super::over::Over;
use super::programs::{DEADLINE, Pair, SERVER};

/// While `work` goes on, whoever calls the pair's server is sent 10,000 datagrams a second: valid
/// answers, foreign ones and empty ones in turns.
pub fn with_flood<T>(lab: &Pair, work: impl FnOnce() -> T) -> T {
    const PER_SECOND: f64 = 10_000.0;
    let flooder = lab.server.enter(|| UdpSocket::bind("0.0.0.0:9999")).unwrap();
    flooder.set_read_timeout(Some(DEADLINE)).unwrap();
    let over = Over::default();
    thread::scope(|scope| {
        let _say_over = over.when_dropped();
        scope.spawn(|| {
            let (_, asker) = flooder.recv_from(&mut [0; 64]).unwrap();
            let (began, mut sent) = (Instant::now(), 0_u32);
            while !over.is_over() {
                let due = (began.elapsed().as_secs_f64() * PER_SECOND) as u32;
                for n in sent..due {
                    let valid = format!("SERVER_IP:10.0.{}.{}", n / 3 % 256, n / 768 % 256);
                    let payload = [valid.as_bytes(), b"hello", b""][n as usize % 3];
                    // Refused once the client has closed its socket.
                    let _ = flooder.send_to(payload, asker);
                }
                sent = due;
                thread::yield_now();
            }
        });
        work()
    })
}

/// While `work` goes on, the pair's client asks `server` as fast as it can; it has been answered
/// when `work` begins.
pub fn while_busy<T>(lab: &Pair, server: &mut Child, work: impl FnOnce(&mut Child) -> T) -> T {
    let client = lab.client.enter(|| UdpSocket::bind("0.0.0.0:0")).unwrap();
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    client.connect((SERVER, 9999)).unwrap();
    let over = Over::default();
    thread::scope(|scope| {
        let _say_over = over.when_dropped();
        scope.spawn(|| {
            while !over.is_over() {
                // Refused once the server is gone.
                let _ = client.send(b"DISCOVER_SERVER");
            }
        });
        client.recv(&mut [0; 64]).unwrap();
        work(server)
    })
}
