//! Probes that carry somebody else's address draw few datagrams, and no more of those in turn.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use cooee_core::wire::Query;
use cooee_core::wire::classic::{Classic, DEFAULT_PORT};
use cooee_core::{Datagram, ProbeRefusal, ResponderConfig, Transmit};
use cooee_lab::sim::{Handle, Link, Network, Node, Segment, Server, Setting, for_each_seed};

const ECHO_PORT: u16 = 7;

/// Sends probes in another's name, at a steady pace.
struct Forger {
    /// The source port of what it sends.
    port: u16,
    source: IpAddr,
    target: SocketAddr,
    left: u32,
    due: u32,
    pace: Duration,
    next_at: Instant,
}

impl Node for Forger {
    fn port(&self) -> u16 {
        self.port
    }

    fn handle_datagram(&mut self, _: Instant, _: &Datagram<'_>) {}

    fn handle_timeout(&mut self, now: Instant) {
        self.left -= 1;
        self.due += 1;
        self.next_at = now + self.pace;
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.due = self.due.checked_sub(1)?;
        Some(Transmit {
            socket: cooee_core::SocketId::default(),
            destination: self.target,
            source: Some(self.source),
            interface: None,
            payload: Classic::default().encode_query(Query::Discover),
        })
    }

    fn poll_timeout(&self) -> Option<Instant> {
        (self.left > 0).then_some(self.next_at)
    }
}

/// Counts what it gets, by source.
#[derive(Default)]
struct Victim {
    heard: BTreeMap<SocketAddr, u32>,
}

impl Victim {
    const PORT: u16 = 5000;
}

impl Node for Victim {
    fn port(&self) -> u16 {
        Self::PORT
    }

    fn handle_datagram(&mut self, _: Instant, datagram: &Datagram<'_>) {
        *self.heard.entry(datagram.source).or_default() += 1;
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        None
    }
}

/// Sends back whatever it gets.
#[derive(Default)]
struct Echo {
    back: Vec<Transmit>,
}

impl Node for Echo {
    fn port(&self) -> u16 {
        ECHO_PORT
    }

    fn handle_datagram(&mut self, _: Instant, datagram: &Datagram<'_>) {
        self.back.push(Transmit {
            socket: cooee_core::SocketId::default(),
            destination: datagram.source,
            source: None,
            interface: None,
            payload: datagram.payload.to_vec().into(),
        });
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.back.pop()
    }
}

fn network(seed: u64) -> (Network, Segment) {
    let mut network = Network::new(seed);
    let segment = network.segment("10.0.0.0/16".parse().unwrap());
    (network, segment)
}

fn server(network: &mut Network, segment: Segment) -> Handle<Server> {
    let make = |host: Setting<'_>| Server::new(ResponderConfig::default(), host).unwrap();
    network.attach(segment, Link::default(), make)
}

/// `times` probes to `target` whose source is `source`, one every millisecond.
fn forge(
    network: &mut Network,
    segment: Segment,
    source: SocketAddr,
    target: SocketAddr,
    times: u32,
) {
    network.attach(segment, Link::default(), |host| Forger {
        port: source.port(),
        source: source.ip(),
        target,
        left: times,
        due: 0,
        pace: Duration::from_millis(1),
        next_at: host.now,
    });
}

#[test]
fn a_victim_gets_no_more_than_the_rate_of_one_source_from_each_of_fifty_servers() {
    for_each_seed(0..5, |seed| {
        let (mut network, segment) = network(seed);
        let servers: Vec<_> = (0..50).map(|_| server(&mut network, segment)).collect();
        let victim = network.attach(segment, Link::default(), |_| Victim::default());
        let everybody = SocketAddr::from(([255; 4], DEFAULT_PORT));
        let source = network.address(victim);
        forge(&mut network, segment, source, everybody, 10_000);
        network.advance(Duration::from_secs(20));

        let heard = &network[victim].heard;
        assert_eq!(heard.len(), 50);
        for server in servers {
            // Two seconds' worth at once, then ten seconds of two hundred each.
            let got = heard[&network.address(server)];
            assert!((2395..=2401).contains(&got), "{got}");
            let refused = network[server].responder().counters().refused(ProbeRefusal::SourceRate);
            assert_eq!(u64::from(got) + refused, 10_000);
        }
    });
}

#[test]
fn two_servers_set_upon_each_other_exchange_one_datagram() {
    for_each_seed(0..5, |seed| {
        let (mut network, segment) = network(seed);
        let (a, b) = (server(&mut network, segment), server(&mut network, segment));
        let (source, target) = (network.address(b), network.address(a));
        forge(&mut network, segment, source, target, 1);
        assert!(network.run_until_idle(Duration::from_secs(60)), "nothing is left to happen");
        assert_eq!((network.traffic(a).sent, network.traffic(b).sent), (1, 0));
        assert_eq!(network[b].responder().counters().refused(ProbeRefusal::Answer), 1);
    });
}

#[test]
fn an_echo_service_as_the_asker_draws_one_datagram() {
    for_each_seed(0..5, |seed| {
        let (mut network, segment) = network(seed);
        let server = server(&mut network, segment);
        let echo = network.attach(segment, Link::default(), |_| Echo::default());
        let (source, target) = (network.address(echo), network.address(server));
        forge(&mut network, segment, source, target, 1);
        assert!(network.run_until_idle(Duration::from_secs(60)), "nothing is left to happen");
        assert_eq!((network.traffic(server).sent, network.traffic(echo).sent), (1, 1));
        assert_eq!(network[server].responder().counters().refused(ProbeRefusal::Answer), 1);
    });
}

#[test]
fn a_server_as_its_own_asker_sends_itself_one_datagram() {
    for_each_seed(0..5, |seed| {
        let (mut network, segment) = network(seed);
        let server = server(&mut network, segment);
        let own = network.address(server);
        forge(&mut network, segment, own, own, 1);
        assert!(network.run_until_idle(Duration::from_secs(60)), "nothing is left to happen");
        assert_eq!(network.traffic(server).sent, 1);
        assert_eq!(network[server].responder().counters().refused(ProbeRefusal::Answer), 1);
    });
}
