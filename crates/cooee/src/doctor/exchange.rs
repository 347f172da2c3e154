//! Test calls to peers, and their answers.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use cooee_core::finding::Exchanged;
use cooee_core::interface::{Interface, LinkKind, broadcast_address};
use cooee_core::{TestAnswer, TestCall, Way};

use crate::engine::random_seed;

/// Calls the peers up to this often, while some answer is missing. Three calls each stay within
/// what a peer answers in a minute.
const TRIES: usize = 3;
/// How long each time.
const PATIENCE: Duration = Duration::from_millis(200);

/// Examines the ways to `peers` and back: at most 16 of them. Those of `answering` answer probes.
///
/// A socket of its own calls by broadcast: on another one a firewall would take the answer for one
/// to the call by unicast.
pub(super) fn with_all(
    peers: &[SocketAddrV4],
    interfaces: &[Interface],
    answering: &[IpAddr],
) -> io::Result<Vec<Exchanged>> {
    const MOST: usize = 16;
    let used = || interfaces.iter().filter(|i| i.kind == LinkKind::Broadcast);
    let peers = &peers[..peers.len().min(MOST)];
    let on_link = |ip: Ipv4Addr| used().any(|i| i.is_on_link(ip.into()));
    let mut exchanges: Vec<_> = peers
        .iter()
        .map(|peer| {
            let ip = IpAddr::V4(*peer.ip());
            Exchanged::nothing(ip, on_link(*peer.ip()), answering.contains(&ip))
        })
        .collect();
    if peers.is_empty() {
        return Ok(exchanges);
    }
    let sockets = [socket()?, socket()?];
    let [by_broadcast, by_unicast] = &sockets;
    let nonce = random_seed();
    for _ in 0..TRIES {
        for interface in used() {
            let Some(to) = interface.ipv4().find_map(broadcast_address) else { continue };
            let call = TestCall { nonce, sent_by: Way::Broadcast, answer_by: Way::Unicast };
            for port in ports(peers) {
                // What cannot be sent is not answered.
                let _ = by_broadcast.send_to(&call.encode(), (to, port));
            }
        }
        hear(&sockets, nonce, &mut exchanges, PATIENCE / 4);
        for peer in peers {
            for answer_by in [Way::Unicast, Way::Broadcast] {
                let call = TestCall { nonce, sent_by: Way::Unicast, answer_by };
                let _ = by_unicast.send_to(&call.encode(), peer);
            }
        }
        hear(&sockets, nonce, &mut exchanges, PATIENCE);
        if exchanges.iter().all(is_complete) {
            break;
        }
    }
    Ok(exchanges)
}

fn socket() -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.set_broadcast(true)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn ports(peers: &[SocketAddrV4]) -> Vec<u16> {
    let mut ports: Vec<_> = peers.iter().map(SocketAddrV4::port).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

fn is_complete(of: &Exchanged) -> bool {
    of.takes_part && of.hears_broadcast && of.answer_to_broadcast && of.its_broadcast
}

/// Notes the answers that arrive on the sockets, until all are there, or time is over.
fn hear(sockets: &[UdpSocket], nonce: u64, exchanges: &mut [Exchanged], time: Duration) {
    const PAUSE: Duration = Duration::from_millis(2);
    let end = Instant::now() + time;
    while Instant::now() < end && !exchanges.iter().all(is_complete) {
        let mut was_idle = true;
        for socket in sockets {
            let mut bytes = [0; 128];
            if let Ok((length, SocketAddr::V4(from))) = socket.recv_from(&mut bytes) {
                was_idle = false;
                if let Some(answer) = TestAnswer::decode(&bytes[..length]) {
                    note(exchanges, (*from.ip()).into(), nonce, answer);
                }
            }
        }
        if was_idle {
            std::thread::sleep(PAUSE);
        }
    }
}

fn note(exchanges: &mut [Exchanged], from: IpAddr, nonce: u64, answer: TestAnswer) {
    let exchange = exchanges.iter_mut().find(|exchange| exchange.peer == from);
    let Some(exchange) = exchange.filter(|_| answer.nonce == nonce) else { return };
    exchange.takes_part = true;
    exchange.is_server = answer.is_server;
    exchange.hears_broadcast |= answer.heard_broadcast || answer.call == Way::Broadcast;
    exchange.answer_to_broadcast |= answer.call == Way::Broadcast;
    exchange.its_broadcast |= answer.sent_by == Way::Broadcast;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_proves_what_it_says_of_its_sender_alone() {
        let peer = IpAddr::from([10, 0, 1, 2]);
        let mut exchanges = [Exchanged::nothing(peer, true, true)];
        let answer = |call, sent_by, heard_broadcast| TestAnswer {
            nonce: 7,
            call,
            sent_by,
            heard_broadcast,
            is_server: false,
        };
        let unicast = answer(Way::Unicast, Way::Unicast, false);
        note(&mut exchanges, [10, 0, 1, 9].into(), 7, unicast);
        note(&mut exchanges, peer, 8, unicast);
        assert_eq!(exchanges, [Exchanged::nothing(peer, true, true)]);

        note(&mut exchanges, peer, 7, unicast);
        assert!(
            exchanges[0].takes_part && !exchanges[0].hears_broadcast && !exchanges[0].is_server
        );
        note(&mut exchanges, peer, 7, answer(Way::Unicast, Way::Broadcast, true));
        assert!(exchanges[0].hears_broadcast && exchanges[0].its_broadcast);
        assert!(!exchanges[0].answer_to_broadcast && !is_complete(&exchanges[0]));
        note(&mut exchanges, peer, 7, answer(Way::Broadcast, Way::Unicast, true));
        assert!(is_complete(&exchanges[0]));
    }
}
