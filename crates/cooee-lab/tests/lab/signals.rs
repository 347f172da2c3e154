//! Stopping a server that is busy.

use std::time::{Duration, Instant};

use cooee_lab::netns::Signal;

use crate::load::while_busy;
use crate::programs::{DEADLINE, pair, serve, stop};

#[test]
fn a_signal_ends_a_busy_server_at_once_with_its_counts() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let lab = pair();
        let mut server = serve(&lab.server, &["--rate-limit", "off"]);
        while_busy(&lab, &mut server, |server| {
            server.signal(signal).unwrap();
            let signalled = Instant::now();
            let status = server.wait(DEADLINE).unwrap();
            assert_eq!(status.code(), Some(0), "{signal}");
            assert!(signalled.elapsed() < Duration::from_secs(3), "{:?}", signalled.elapsed());
        });
        // The port is free at once.
        stop(serve(&lab.server, &[]));
        let said = server.finish(DEADLINE).unwrap().stderr;
        let counts = said.lines().filter(|line| line.contains("answered")).count();
        assert_eq!(counts, 1, "{said}");
    }
}
