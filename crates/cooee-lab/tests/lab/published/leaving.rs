//! Goodbyes, and what processes that stand by have to do with them.

use std::time::Instant;

use cooee_lab::netns::{Child, Host, Signal, eventually};
use cooee_lab::scene::avahi::{beside_avahi, browse};

use super::named;
use crate::programs::{DEADLINE, pair, serve, start_serve, stop};

/// An `avahi-browse` that goes on.
fn watch(host: &Host) -> Child {
    beside_avahi(host, "", &["avahi-browse", "-rp", "_http._tcp"])
}

#[test]
fn a_stop_by_a_signal_says_goodbye() {
    let lab = pair();
    let mut server = named(&lab.server, "Workshop", &[]);
    let mut watch = watch(&lab.client);
    watch.stdout_line_with("=;eth0", DEADLINE).unwrap();
    watch.stdout_line_with("=;eth0", DEADLINE).unwrap();
    let began = Instant::now();
    server.signal(Signal::SIGTERM).unwrap();
    for _ in ["IPv4", "IPv6"] {
        watch.stdout_line_with("-;eth0", DEADLINE).unwrap();
    }
    let took = began.elapsed();
    println!("a server stopped, and avahi knew after {took:?}");
    // RFC 6762 section 10.1: a second after the goodbye.
    assert!(took.as_secs() < 5, "{took:?}");
    assert!(server.wait(DEADLINE).unwrap().success());
}

#[test]
fn the_owner_of_the_port_announces_for_those_that_stand_by() {
    let lab = pair();
    let owner = serve(&lab.server, &["--service-port", "8001"]);
    let second = start_serve(&lab.server, &["--service-port", "8002", "--name", "Second"]);
    let third = start_serve(&lab.server, &["--service-port", "8003", "--name", "Third"]);
    let ports = || {
        let mut ports: Vec<_> = browse(&lab.client, "_http._tcp")
            .iter()
            .map(|line| line.split(';').nth(7).unwrap().to_owned())
            .collect();
        ports.sort();
        ports.dedup();
        ports
    };
    let until = |expected: &[&str]| {
        let mut last = Vec::new();
        let found = eventually(DEADLINE, || {
            last = ports();
            (last == expected).then_some(())
        });
        assert!(found.is_some(), "{last:?} are announced, not {expected:?}");
    };
    until(&["8002", "8003"]);
    stop(second);
    until(&["8003"]);
    stop(third);
    until(&[]);
    stop(owner);
}
