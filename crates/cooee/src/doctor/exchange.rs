//! Test calls to peers, and their answers.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::time::{Duration, Instant};

use cooee_core::finding::Exchanged;
use cooee_core::interface::{Interface, LinkKind, broadcast_address};
use cooee_core::{GROUP, TestAnswer, TestCall, Way};

use crate::engine::random_seed;

/// Calls the peers up to this often, while some answer is missing. Three calls each stay within
/// what a peer answers in a minute.
const TRIES: usize = 3;
/// How long each time.
const PATIENCE: Duration = Duration::from_millis(200);

/// Examines the ways to `peers` and back: at most 16 of them. Those of `answering` answer probes.
///
/// Sockets of their own call by broadcast: on another one a firewall would take the answer for one
/// to the call by unicast.
pub(super) fn with_all(
    peers: &[SocketAddr],
    interfaces: &[Interface],
    answering: &[IpAddr],
) -> io::Result<Vec<Exchanged>> {
    const MOST: usize = 16;
    let peers = &peers[..peers.len().min(MOST)];
    let nothing = |peer: &SocketAddr| nothing(*peer, interfaces, answering);
    let mut exchanges: Vec<_> = peers.iter().map(nothing).collect();
    if peers.is_empty() {
        return Ok(exchanges);
    }
    let (by_broadcast, by_unicast) = (open(peers)?, open(peers)?);
    let everybody = everybody(peers, interfaces);
    let nonce = random_seed();
    for _ in 0..TRIES {
        let call = TestCall { nonce, sent_by: Way::Broadcast, answer_by: Way::Unicast };
        everybody.iter().for_each(|to| send(&by_broadcast, call, *to));
        let sockets = || by_broadcast.iter().chain(&by_unicast);
        hear(sockets, nonce, peers, &mut exchanges, PATIENCE / 4);
        for peer in peers {
            // A caller is in no group that could be answered.
            let ways =
                if peer.is_ipv4() { &[Way::Unicast, Way::Broadcast][..] } else { &[Way::Unicast] };
            for &answer_by in ways {
                send(&by_unicast, TestCall { nonce, sent_by: Way::Unicast, answer_by }, *peer);
            }
        }
        hear(sockets, nonce, peers, &mut exchanges, PATIENCE);
        if exchanges.iter().all(is_complete) {
            break;
        }
    }
    Ok(exchanges)
}

fn nothing(peer: SocketAddr, interfaces: &[Interface], answering: &[IpAddr]) -> Exchanged {
    let mut used = interfaces.iter().filter(|i| i.kind == LinkKind::Broadcast);
    let is_on_link = used.any(|interface| interface.is_on_link(peer.ip()));
    let mut exchange = Exchanged::nothing(peer.ip(), is_on_link, answering.contains(&peer.ip()));
    if let SocketAddr::V6(peer) = peer {
        let zone = interfaces.iter().find(|interface| interface.index == peer.scope_id());
        exchange.zone = zone.map(|interface| interface.name.clone());
    }
    exchange
}

/// A socket for each family of the peers.
fn open(peers: &[SocketAddr]) -> io::Result<Vec<UdpSocket>> {
    let mut sockets = Vec::new();
    if peers.iter().any(SocketAddr::is_ipv4) {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.set_broadcast(true)?;
        sockets.push(socket);
    }
    if peers.iter().any(SocketAddr::is_ipv6) {
        match UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)) {
            Ok(socket) => sockets.push(socket),
            Err(error) => tracing::debug!(%error, "this system has no IPv6"),
        }
    }
    sockets.iter().try_for_each(|socket| socket.set_nonblocking(true))?;
    Ok(sockets)
}

/// A test call that was not sent has no answer.
fn send(sockets: &[UdpSocket], call: TestCall, to: SocketAddr) {
    let is_its =
        |socket: &&UdpSocket| socket.local_addr().is_ok_and(|own| own.is_ipv4() == to.is_ipv4());
    if let Some(socket) = sockets.iter().find(is_its) {
        let _ = socket.send_to(&call.encode(), to);
    }
}

/// The broadcast address of each interface, and the group on each link, at the ports of the peers.
fn everybody(peers: &[SocketAddr], interfaces: &[Interface]) -> Vec<SocketAddr> {
    let used = || interfaces.iter().filter(|i| i.kind == LinkKind::Broadcast);
    let mut all = Vec::new();
    for port in ports(peers, SocketAddr::is_ipv4) {
        let to = used().filter_map(|interface| interface.ipv4().find_map(broadcast_address));
        all.extend(to.map(|to| SocketAddr::from((to, port))));
    }
    for port in ports(peers, SocketAddr::is_ipv6) {
        let links = used().filter(|interface| interface.link_local().is_some());
        let group = links.map(|link| SocketAddrV6::new(GROUP, port, 0, link.index));
        all.extend(group.map(SocketAddr::from));
    }
    all
}

fn ports(peers: &[SocketAddr], is_of_family: impl Fn(&SocketAddr) -> bool) -> Vec<u16> {
    let of_family = peers.iter().filter(|peer| is_of_family(peer));
    let mut ports: Vec<_> = of_family.map(SocketAddr::port).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// Whether nothing is missing that the peer can answer.
fn is_complete(of: &Exchanged) -> bool {
    let its_own = of.its_broadcast || of.peer.is_ipv6();
    of.takes_part && of.hears_broadcast && of.answer_to_broadcast && its_own
}

/// Notes the answers that arrive on the sockets, until all are there, or time is over.
fn hear<'a, I: Iterator<Item = &'a UdpSocket>>(
    sockets: impl Fn() -> I,
    nonce: u64,
    peers: &[SocketAddr],
    exchanges: &mut [Exchanged],
    time: Duration,
) {
    const PAUSE: Duration = Duration::from_millis(2);
    let end = Instant::now() + time;
    while Instant::now() < end && !exchanges.iter().all(is_complete) {
        let mut was_idle = true;
        for socket in sockets() {
            let mut bytes = [0; 128];
            if let Ok((length, from)) = socket.recv_from(&mut bytes) {
                was_idle = false;
                let answer = TestAnswer::decode(&bytes[..length]).filter(|it| it.nonce == nonce);
                let its = peers.iter().position(|peer| is_same_host(*peer, from));
                if let (Some(answer), Some(its)) = (answer, its) {
                    note(&mut exchanges[its], answer);
                }
            }
        }
        if was_idle {
            std::thread::sleep(PAUSE);
        }
    }
}

/// Whether both have one address, on one link if it is link-local.
fn is_same_host(one: SocketAddr, other: SocketAddr) -> bool {
    let scope = |of| match of {
        SocketAddr::V6(of) if of.ip().is_unicast_link_local() => of.scope_id(),
        _ => 0,
    };
    one.ip() == other.ip() && scope(one) == scope(other)
}

fn note(exchange: &mut Exchanged, answer: TestAnswer) {
    exchange.takes_part = true;
    exchange.is_server = answer.is_server;
    exchange.hears_broadcast |= answer.heard_broadcast || answer.call == Way::Broadcast;
    exchange.answer_to_broadcast |= answer.call == Way::Broadcast;
    exchange.its_broadcast |= answer.sent_by == Way::Broadcast;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(call: Way, sent_by: Way, heard_broadcast: bool) -> TestAnswer {
        TestAnswer { nonce: 7, call, sent_by, heard_broadcast, is_server: false }
    }

    #[test]
    fn each_answer_proves_what_it_says() {
        let mut exchange = Exchanged::nothing([10, 0, 1, 2].into(), true, true);
        note(&mut exchange, answer(Way::Unicast, Way::Unicast, false));
        assert!(exchange.takes_part && !exchange.hears_broadcast && !exchange.is_server);
        note(&mut exchange, answer(Way::Unicast, Way::Broadcast, true));
        assert!(exchange.hears_broadcast && exchange.its_broadcast);
        assert!(!exchange.answer_to_broadcast && !is_complete(&exchange));
        note(&mut exchange, answer(Way::Broadcast, Way::Unicast, true));
        assert!(is_complete(&exchange));
    }

    #[test]
    fn over_ipv6_no_broadcast_of_the_peer_is_missing() {
        let mut exchange = Exchanged::nothing("fe80::7".parse().unwrap(), true, true);
        note(&mut exchange, answer(Way::Unicast, Way::Unicast, false));
        assert!(!is_complete(&exchange));
        note(&mut exchange, answer(Way::Broadcast, Way::Unicast, true));
        assert!(is_complete(&exchange));
    }

    #[test]
    fn an_answer_is_of_its_sender_alone_on_its_link() {
        let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
        let own = UdpSocket::bind("127.0.0.1:0").unwrap();
        own.set_nonblocking(true).unwrap();
        let to = own.local_addr().unwrap();
        for nonce in [8, 7] {
            let answer = TestAnswer { nonce, ..answer(Way::Unicast, Way::Unicast, nonce == 8) };
            peer.send_to(&answer.encode(), to).unwrap();
        }
        let peers: [SocketAddr; 2] = [peer.local_addr().unwrap(), "10.0.1.9:9999".parse().unwrap()];
        let nothing = |peer: &SocketAddr| Exchanged::nothing(peer.ip(), true, true);
        let mut exchanges: Vec<_> = peers.iter().map(nothing).collect();
        hear(|| std::iter::once(&own), 7, &peers, &mut exchanges, PATIENCE);
        assert!(
            exchanges[0].takes_part && !exchanges[0].hears_broadcast,
            "another's nonce is none"
        );
        assert_eq!(exchanges[1], nothing(&peers[1]));

        let on = |text: &str| text.parse::<SocketAddr>().unwrap();
        assert!(is_same_host(on("[fe80::7%2]:9999"), on("[fe80::7%2]:9998")));
        assert!(!is_same_host(on("[fe80::7%2]:9999"), on("[fe80::7%3]:9999")));
        assert!(is_same_host(on("[fd00::7]:9999"), on("[fd00::7%3]:9999")));
    }
}
