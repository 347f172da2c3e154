//! Systems that let receiving fail because a datagram sent earlier was refused, as Windows does
//! for each client that asked and left.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use cooee::{Discovery, RateLimit, Responder};
use cooee_udp::Storm;

use super::suite::{DEADLINE, calling, eventually, port_of};
use super::{Driver, Running};

/// Pauses after a hundred errors would take more than a minute and a half. A loaded machine takes
/// seconds.
const PROMPTLY: Duration = Duration::from_secs(10);

fn resets() -> Storm {
    Storm { failures: 100, error: || io::ErrorKind::ConnectionReset.into() }
}

fn refusals() -> Storm {
    Storm { failures: 100, error: || io::ErrorKind::ConnectionRefused.into() }
}

/// What has no kind of its own: a router sends that the time to live was exceeded.
fn network_resets() -> Storm {
    const NETWORK_RESET: i32 = if cfg!(windows) {
        10_052
    } else if cfg!(target_os = "linux") {
        102
    } else {
        52
    };
    Storm { failures: 100, error: || io::Error::from_raw_os_error(NETWORK_RESET) }
}

/// Asks, and returns how long the answer took.
fn asked(port: u16) -> Duration {
    let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    let began = Instant::now();
    client.send_to(b"DISCOVER_SERVER", (Ipv4Addr::LOCALHOST, port)).unwrap();
    client.recv_from(&mut [0; 64]).expect("answered");
    began.elapsed()
}

pub(crate) fn clients_that_asked_and_left_keep_nobody_waiting<D: Driver>() {
    let driver = D::new();
    for storm in [resets(), refusals(), network_resets()] {
        let responder = Responder::new().port(0).rate_limit(RateLimit::Off);
        let server = storm.over_sockets_of(|| driver.start(responder)).unwrap();
        let port = port_of(&server);
        for _ in 0..100 {
            let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            client.send_to(b"DISCOVER_SERVER", (Ipv4Addr::LOCALHOST, port)).unwrap();
        }
        eventually("they are answered", || server.stats().counters.answered == 100);
        let took = asked(port);
        println!("after 100 clients that left, and {storm:?}: answered in {took:?}");
        assert!(took < PROMPTLY, "{took:?}");
        let stats = driver.stop(server);
        assert_eq!((stats.receive_failures, stats.send_failures), (0, 0), "{storm:?}");
    }
}

pub(crate) fn hosts_that_refuse_do_not_delay_a_discovery<D: Driver>() {
    let driver = D::new();
    let server = driver.start(Responder::new().port(0)).unwrap();
    let discovery = calling(port_of(&server)).timeout(DEADLINE);
    let alone = driver.run(&discovery).unwrap().outcome().elapsed;

    let closed: Vec<SocketAddr> = {
        let bound = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let sockets: Vec<_> = (0..30).map(|_| bound()).collect();
        sockets.iter().map(|socket| socket.local_addr().unwrap()).collect()
    };
    let beside = closed.into_iter().fold(discovery, Discovery::host);
    for storm in [resets(), refusals(), network_resets()] {
        let found = storm.over_sockets_of(|| driver.run(&beside)).unwrap();
        let took = found.outcome().elapsed;
        println!("alone {alone:?}, beside 30 that refuse and {storm:?}: {took:?}");
        assert_eq!(found.len(), 1);
        // Where the system tells who refused, it is no later; elsewhere those are awaited.
        if cfg!(target_os = "linux") {
            assert!(took < alone + PROMPTLY, "{took:?} instead of {alone:?}");
        }
        let began = Instant::now();
        storm.over_sockets_of(|| driver.first(&beside)).unwrap().expect("it answers");
        assert!(began.elapsed() < PROMPTLY, "{:?}", began.elapsed());
    }
}
