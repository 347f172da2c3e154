//! The peers that a doctor is given by name.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::exit::Failure;

/// How long the look-ups may take, all of them together.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often to look whether it is to stop.
const SLICE: Duration = Duration::from_millis(20);

/// The IPv4 addresses of the peers, which may be names, each with a port or without; what is known
/// of them once `stop` is set.
pub(super) fn resolve(
    peers: &[String],
    port: u16,
    stop: &AtomicBool,
) -> Result<Vec<SocketAddr>, Failure> {
    let end = Instant::now() + PATIENCE;
    let (found, answers) = mpsc::channel();
    for peer in peers {
        let (peer, found) = (peer.clone(), found.clone());
        // The system's resolver blocks. If nobody waits any more, nobody needs the addresses.
        thread::spawn(move || {
            let addresses = look_up(&peer, port);
            let _ = found.send((peer, addresses));
        });
    }
    let mut waiting: Vec<&String> = peers.iter().collect();
    let mut addresses = Vec::new();
    while let Some(&late) = waiting.first() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        if Instant::now() >= end {
            return Err(Failure::usage(format!(
                "the addresses of the peer {late:?} are not known after {} s; give its address \
                 with --peer",
                PATIENCE.as_secs()
            )));
        }
        let Ok((peer, found)) = answers.recv_timeout(SLICE) else { continue };
        addresses.extend(found?);
        if let Some(place) = waiting.iter().position(|of| **of == peer) {
            waiting.swap_remove(place);
        }
    }
    Ok(addresses)
}

fn look_up(peer: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let found: Vec<SocketAddr> = match peer.to_socket_addrs() {
        Ok(found) => found.collect(),
        Err(_) => (peer, port)
            .to_socket_addrs()
            .map_err(|error| {
                Failure::usage(format!(
                    "the peer {peer:?} has no address: {error}; give its address with --peer"
                ))
            })?
            .collect(),
    };
    let addresses: Vec<_> = found.into_iter().filter(SocketAddr::is_ipv4).collect();
    if addresses.is_empty() {
        return Err(Failure::usage(format!(
            "the peer {peer:?} has no IPv4 address; give one with --peer"
        )));
    }
    Ok(addresses)
}
