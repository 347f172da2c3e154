//! The peers that a doctor is given by name.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use cooee::{HostAddress, HostError};

use crate::exit::Failure;

/// How long the look-ups may take, all of them together.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often to look whether it is to stop.
const SLICE: Duration = Duration::from_millis(20);

/// The addresses of the peers, which may be names, each with a port or without; what is known
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

/// Whether a peer was looked up.
pub(super) fn have_names(peers: &[String]) -> bool {
    let is_name = |host: HostAddress| host.name(0).is_some();
    peers.iter().any(|peer| peer.parse().is_ok_and(is_name))
}

/// The address, or the IPv4 addresses of the name, or those of IPv6 where it has no others: what
/// answers over both families is one server, and one that does not is not amiss.
fn look_up(peer: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let host: HostAddress =
        peer.parse().map_err(|error: HostError| Failure::usage(format!("--peer: {error}")))?;
    let Some(name) = host.name(port) else {
        return Ok(host.address(port).into_iter().collect());
    };
    let found: Vec<SocketAddr> = name
        .to_socket_addrs()
        .map_err(|error| {
            Failure::usage(format!(
                "the peer {peer:?} has no address: {error}; give its address with --peer"
            ))
        })?
        .collect();
    let (v4, v6): (Vec<_>, Vec<_>) = found.into_iter().partition(SocketAddr::is_ipv4);
    let addresses = if v4.is_empty() { v6 } else { v4 };
    if addresses.is_empty() {
        return Err(Failure::usage(format!(
            "the peer {peer:?} has no address; give one with --peer"
        )));
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_no_names() {
        for (peer, is_name) in [
            ("10.0.1.7", false),
            ("10.0.1.7:9999", false),
            ("fe80::7%lo", false),
            ("[fd00::7]:9999", false),
            ("printer.local", true),
            ("printer.local:9999", true),
        ] {
            assert_eq!(have_names(&[peer.to_owned()]), is_name, "{peer}");
        }
    }
}
