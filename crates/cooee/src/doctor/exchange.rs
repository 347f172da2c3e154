//! Test calls to peers, and their answers.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::time::{Duration, Instant};

use cooee_core::finding::Exchanged;
use cooee_core::interface::Interface;
use cooee_core::{GROUP, TestAnswer, TestCall, Way};

use super::links::Links;
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
    let mut calls = Calls::new(random_seed(), peers, interfaces, answering);
    if peers.is_empty() {
        return Ok(calls.exchanged);
    }
    let (by_broadcast, by_unicast) = (open(peers)?, open(peers)?);
    let everybody = everybody(peers, &calls.links);
    let nonce = calls.nonce;
    for _ in 0..TRIES {
        let call = TestCall { nonce, sent_by: Way::Broadcast, answer_by: Way::Unicast };
        everybody.iter().for_each(|to| send(&by_broadcast, call, *to));
        let sockets = || by_broadcast.iter().chain(&by_unicast);
        calls.hear(sockets, PATIENCE / 4);
        for peer in peers {
            // A caller is in no group that could be answered.
            let ways =
                if peer.is_ipv4() { &[Way::Unicast, Way::Broadcast][..] } else { &[Way::Unicast] };
            for &answer_by in ways {
                send(&by_unicast, TestCall { nonce, sent_by: Way::Unicast, answer_by }, *peer);
            }
        }
        calls.hear(sockets, PATIENCE);
        if calls.are_complete() {
            break;
        }
    }
    Ok(calls.exchanged)
}

/// The calls of one examination, and what came of them.
struct Calls<'a> {
    nonce: u64,
    peers: &'a [SocketAddr],
    links: Links<'a>,
    exchanged: Vec<Exchanged>,
}

impl<'a> Calls<'a> {
    fn new(
        nonce: u64,
        peers: &'a [SocketAddr],
        interfaces: &'a [Interface],
        answering: &[IpAddr],
    ) -> Self {
        let links = Links::new(interfaces);
        let nothing = |peer: &SocketAddr| {
            let (reached, answers) = (links.reach(*peer), answering.contains(&peer.ip()));
            let mut exchanged = Exchanged::nothing(peer.ip(), reached, answers);
            exchanged.zone = links.zone(*peer);
            exchanged
        };
        let exchanged = peers.iter().map(nothing).collect();
        Self { nonce, peers, links, exchanged }
    }

    fn are_complete(&self) -> bool {
        self.exchanged.iter().all(is_complete)
    }

    /// Notes the answers that arrive on the sockets, until all are there, or time is over.
    fn hear<'s, I: Iterator<Item = &'s UdpSocket>>(
        &mut self,
        sockets: impl Fn() -> I,
        time: Duration,
    ) {
        const PAUSE: Duration = Duration::from_millis(2);
        let end = Instant::now() + time;
        while Instant::now() < end && !self.are_complete() {
            let mut was_idle = true;
            for socket in sockets() {
                let mut bytes = [0; 128];
                if let Ok((length, from)) = socket.recv_from(&mut bytes) {
                    was_idle = false;
                    self.note(from, &bytes[..length]);
                }
            }
            if was_idle {
                std::thread::sleep(PAUSE);
            }
        }
    }

    fn note(&mut self, from: SocketAddr, datagram: &[u8]) {
        let answer = TestAnswer::decode(datagram).filter(|answer| answer.nonce == self.nonce);
        let Some(answer) = answer else { return };
        if let Some(its) = self.peers.iter().position(|peer| is_same_host(*peer, from)) {
            note(&mut self.exchanged[its], answer);
        }
        if answer.call == Way::Broadcast {
            // A host answers a broadcast from the address that its system chooses, which may be
            // another one than its name. Whose it is, it got through.
            for (peer, exchanged) in self.peers.iter().zip(&mut self.exchanged) {
                exchanged.answer_to_broadcast |= self.links.may_be_of(from, *peer);
            }
        }
    }
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

/// Where a call to everybody goes: at the ports of the peers.
fn everybody(peers: &[SocketAddr], links: &Links<'_>) -> Vec<SocketAddr> {
    let at = |port| links.broadcasts().map(move |to| SocketAddr::from((to, port)));
    let mut all: Vec<_> = ports(peers, SocketAddr::is_ipv4).into_iter().flat_map(at).collect();
    for port in ports(peers, SocketAddr::is_ipv6) {
        let group = links.with_groups().map(|link| SocketAddrV6::new(GROUP, port, 0, link));
        all.extend(group.map(SocketAddr::from));
    }
    all.sort_unstable();
    all.dedup();
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
    use super::super::links::interface;
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
        let mut calls = Calls::new(7, &peers, &[], &[peers[1].ip()]);
        calls.hear(|| std::iter::once(&own), PATIENCE);
        let of = &calls.exchanged;
        assert!(of[0].takes_part && !of[0].hears_broadcast, "another's nonce is none");
        assert_eq!(of[1], Exchanged::nothing(peers[1].ip(), false, true));

        let on = |text: &str| text.parse::<SocketAddr>().unwrap();
        assert!(is_same_host(on("[fe80::7%2]:9999"), on("[fe80::7%2]:9998")));
        assert!(!is_same_host(on("[fe80::7%2]:9999"), on("[fe80::7%3]:9999")));
        assert!(is_same_host(on("[fd00::7]:9999"), on("[fd00::7%3]:9999")));
    }

    #[test]
    fn a_broadcast_that_another_address_of_its_link_answers_is_answered() {
        let on = |text: &str| text.parse::<SocketAddr>().unwrap();
        let eth0 = interface(2, &["10.0.1.3/24", "fe80::3/64", "fd00:1::3/64"]);
        let eth1 = interface(3, &["10.0.2.3/24", "fe80::3/64"]);
        let interfaces = [eth0, eth1];
        let answered = |peer: &str, from: &str| {
            let peers = [on(peer)];
            let mut calls = Calls::new(7, &peers, &interfaces, &[]);
            calls.note(on(from), &answer(Way::Broadcast, Way::Unicast, true).encode());
            let of = &calls.exchanged[0];
            // Its own answers tell what it hears.
            assert!(!of.takes_part && !of.hears_broadcast, "{of:?}");
            of.answer_to_broadcast
        };
        assert!(answered("[fd00:1::7]:9999", "[fe80::7%2]:9999"));
        assert!(!answered("[fd00:1::7]:9999", "[fe80::7%3]:9999"), "of another link");
        assert!(!answered("[fd00:1::7]:9999", "[fe80::3%2]:9999"), "of this host");
        assert!(!answered("[fd00:1::7]:9999", "10.0.1.2:9999"), "of the other family");
        assert!(answered("10.0.1.77:9999", "10.0.1.2:9999"));
        assert!(!answered("10.0.1.77:9999", "10.0.2.2:9999"), "of another link");
        assert!(!answered("10.0.1.77:9999", "10.0.1.3:9999"), "of this host");
        assert!(answered("10.9.0.7:9999", "10.0.1.2:9999"), "of a host with two links");
    }
}
