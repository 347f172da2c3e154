//! Stopping a server that is busy.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::Signal;

use crate::programs::{DEADLINE, SERVER, pair, serve};

#[test]
fn a_signal_ends_a_busy_server_at_once_with_its_counts() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let lab = pair();
        let mut server = serve(&lab.server, &["--rate-limit", "off"]);
        let client = lab.client.enter(|| UdpSocket::bind("0.0.0.0:0")).unwrap();
        client.set_read_timeout(Some(DEADLINE)).unwrap();
        client.connect((SERVER, 9999)).unwrap();
        let busy = AtomicBool::new(true);
        thread::scope(|scope| {
            scope.spawn(|| {
                while busy.load(Ordering::Relaxed) {
                    // Refused once the server is gone.
                    let _ = client.send(b"DISCOVER_SERVER");
                }
            });
            client.recv(&mut [0; 64]).unwrap();
            server.signal(signal).unwrap();
            let signalled = Instant::now();
            let status = server.wait(DEADLINE).unwrap();
            busy.store(false, Ordering::Relaxed);
            assert_eq!(status.code(), Some(0), "{signal}");
            assert!(signalled.elapsed() < Duration::from_secs(3), "{:?}", signalled.elapsed());
        });
        // The port is free at once.
        let again = serve(&lab.server, &[]);
        crate::programs::stop(again);
        let said = server.finish(DEADLINE).unwrap().stderr;
        let counts = said.lines().filter(|line| line.contains("answered")).count();
        assert_eq!(counts, 1, "{said}");
    }
}
