//! Probes that name sources of the server's own network which nobody has: each answer waits for a
//! link address in the server's send buffer.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use cooee_core::wire::Query;
use cooee_core::wire::classic::Classic;
use cooee_core::{Datagram, ResponderConfig, Transmit};
use cooee_lab::sim::{Arp, Flood, Handle, Link, Network, Node, Server, Setting, for_each_seed};

const PROBES: u32 = 40;
const PACE: Duration = Duration::from_millis(100);

fn probe() -> Bytes {
    Classic::default().encode_query(Query::Discover)
}

/// Sends one probe after the other, and counts the answers.
struct Asker {
    server: SocketAddr,
    left: u32,
    due: bool,
    next_at: Instant,
    answers: u32,
}

impl Node for Asker {
    fn port(&self) -> u16 {
        40_000
    }

    fn handle_datagram(&mut self, _: Instant, _: &Datagram<'_>) {
        self.answers += 1;
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.due = true;
        self.left -= 1;
        self.next_at = now + PACE;
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        std::mem::take(&mut self.due).then(|| Transmit::new(self.server, probe()))
    }

    fn poll_timeout(&self) -> Option<Instant> {
        (self.left > 0).then_some(self.next_at)
    }
}

/// A server, probes in the names of `sources` for three seconds, then an honest asker beside them.
fn asked(seed: u64, sources: &str, per_second: u32) -> (Network, Handle<Server>, Handle<Asker>) {
    let arp = Arp { send_buffer: Some(Arp::LINUX_SEND_BUFFER), ..Arp::default() };
    let mut network = Network::new(seed).with_arp(arp);
    let segment = network.segment("10.77.0.0/24".parse().unwrap());
    let server = network.attach(segment, Link::default(), |host| {
        Server::new(ResponderConfig::default(), host).unwrap()
    });
    let target = network.address(server);
    network.attach(segment, Link::default(), |host| {
        Flood::new(target, probe(), sources.parse().unwrap(), per_second, host)
    });
    network.advance(Duration::from_secs(3));
    let asker = network.attach(segment, Link::default(), |host: Setting<'_>| Asker {
        server: target,
        left: PROBES,
        due: false,
        next_at: host.now,
        answers: 0,
    });
    network.advance(PACE * PROBES + Duration::from_secs(1));
    (network, server, asker)
}

#[test]
fn forged_sources_of_other_networks_leave_the_send_buffer_empty() {
    for_each_seed(0..5, |seed| {
        let (network, server, asker) = asked(seed, "10.64.0.0/28", 400);
        assert_eq!(network[asker].answers, PROBES);
        assert_eq!((network.waiting(server), network.traffic(server).unsent), (0, 0));
    });
}

#[test]
fn forged_neighbours_do_not_keep_an_honest_one_from_being_answered() {
    for (sources, per_second) in [("10.77.0.96/28", 400), ("10.77.0.64/26", 1500)] {
        for_each_seed(0..5, |seed| {
            let (network, server, asker) = asked(seed, sources, per_second);
            let (answers, traffic) = (network[asker].answers, network.traffic(server));
            assert_eq!(answers, PROBES, "{sources}: {traffic:?}");
        });
    }
}

#[test]
fn an_honest_asker_is_known_and_answered_when_nobody_forges() {
    let (network, server, asker) = asked(1, "10.77.0.2/32", 1);
    let asker_ip = network.address(asker).ip();
    assert!(network.neighbours(server).any(|(address, _)| address == asker_ip));
    assert_eq!(network[asker].answers, PROBES);
}
