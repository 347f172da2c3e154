//! A call of this host to itself, over each interface.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use cooee_core::finding::OwnCall;
use cooee_core::interface::{Interface, LinkKind, LinkState, broadcast_address};

use crate::engine::random_seed;

/// How long a datagram from this host to itself may take.
const PATIENCE: Duration = Duration::from_millis(150);
const TRIES: usize = 2;

/// Calls each of these interfaces that can broadcast, by unicast and by broadcast.
///
/// # Errors
/// No socket can be had.
pub(super) fn call_all(interfaces: &[Interface]) -> std::io::Result<Vec<OwnCall>> {
    const MOST: usize = 32;
    let usable = |i: &&Interface| i.kind == LinkKind::Broadcast && i.state == LinkState::Up;
    let places: Vec<_> = interfaces
        .iter()
        .filter(usable)
        .filter_map(|i| i.ipv4().find_map(|net| Some((i, net.addr(), broadcast_address(net)?))))
        .take(MOST)
        .collect();
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let server = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    let port = server.local_addr()?.port();
    let nonce = random_seed();
    let mut heard = vec![[false; 2]; places.len()];
    for _ in 0..TRIES {
        for (place, (_, own, broadcast)) in places.iter().enumerate() {
            let Ok(client) = UdpSocket::bind((*own, 0)) else { continue };
            // What cannot be sent is not heard.
            let _ = client.set_broadcast(true);
            for (way, to) in [*own, *broadcast].into_iter().enumerate() {
                if !heard[place][way] {
                    let _ = client.send_to(&call(nonce, place, way), SocketAddrV4::new(to, port));
                }
            }
        }
        listen(&server, nonce, &mut heard);
        if heard.iter().flatten().all(|&is_heard| is_heard) {
            break;
        }
    }
    let calls = places.iter().zip(heard).map(|((interface, ..), [unicast, broadcast])| OwnCall {
        interface: interface.name.clone(),
        unicast,
        broadcast,
    });
    Ok(calls.collect())
}

fn call(nonce: u64, place: usize, way: usize) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&nonce.to_be_bytes());
    (bytes[8], bytes[9]) = (place as u8, way as u8);
    bytes
}

/// Notes what is heard, until everything is, or time is over.
fn listen(server: &UdpSocket, nonce: u64, heard: &mut [[bool; 2]]) {
    let end = Instant::now() + PATIENCE;
    while heard.iter().flatten().any(|&is_heard| !is_heard) {
        let rest = end.saturating_duration_since(Instant::now());
        if rest.is_zero()
            || server.set_read_timeout(Some(rest.max(Duration::from_millis(1)))).is_err()
        {
            return;
        }
        let mut bytes = [0; 16];
        let Ok((10, _)) = server.recv_from(&mut bytes) else { continue };
        let (place, way) = (usize::from(bytes[8]), usize::from(bytes[9]));
        if bytes[..8] == nonce.to_be_bytes()
            && let Some(is_heard) = heard.get_mut(place).and_then(|ways| ways.get_mut(way))
        {
            *is_heard = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_another_call_is_not_heard() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = server.local_addr().unwrap();
        for bytes in [&call(7, 0, 1)[..], &call(8, 0, 0), &call(7, 9, 9), b"x"] {
            server.send_to(bytes, to).unwrap();
        }
        let mut heard = [[false; 2]];
        listen(&server, 7, &mut heard);
        assert_eq!(heard, [[false, true]]);
    }
}
