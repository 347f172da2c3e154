//! Processes that are stopped for a while: for them the clock jumps, and datagrams wait.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use cooee_core::wire::Query;
use cooee_core::wire::classic::Classic;
use cooee_core::{Datagram, DiscoveryConfig, Ended, Outcome, ResponderConfig, Transmit, Wait};
use cooee_lab::sim::{
    Client, Flood, Handle, Link, Network, Node, Segment, Server, Setting, for_each_seed,
};
use rand::RngExt;
use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;

const TIMEOUT: Duration = Duration::from_secs(5);

/// When a process is stopped and goes on, from the start of the network.
#[derive(Debug, Clone, Copy)]
struct Pause {
    from: Duration,
    to: Duration,
}

/// A node whose process is stopped for a while. When it goes on it does first what is due, then
/// takes what has arrived, as the drivers do.
struct Suspended<N> {
    node: N,
    from: Instant,
    to: Instant,
    waiting: Vec<Arrived>,
}

struct Arrived {
    source: SocketAddr,
    destination: Option<IpAddr>,
    interface: Option<u32>,
    payload: Vec<u8>,
}

impl<N> Suspended<N> {
    fn new(node: N, start: Instant, pause: Pause) -> Self {
        Self { node, from: start + pause.from, to: start + pause.to, waiting: Vec::new() }
    }

    fn is_stopped(&self, at: Instant) -> bool {
        (self.from..self.to).contains(&at)
    }
}

impl<N: Node> Node for Suspended<N> {
    fn port(&self) -> u16 {
        self.node.port()
    }

    fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        if self.is_stopped(now) {
            self.waiting.push(Arrived {
                source: datagram.source,
                destination: datagram.destination,
                interface: datagram.interface,
                payload: datagram.payload.to_vec(),
            });
        } else {
            self.node.handle_datagram(now, datagram);
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        for Arrived { source, destination, interface, payload } in self.waiting.drain(..) {
            let waited = true;
            let datagram = Datagram::new(source, &payload);
            let datagram = Datagram { destination, interface, waited, ..datagram };
            self.node.handle_datagram(now, &datagram);
            while let Some((neighbour, _)) = self.node.wants_neighbour(now) {
                self.node.handle_neighbour(now, neighbour, true);
            }
        }
        if self.node.poll_timeout().is_some_and(|due| due <= now) {
            self.node.handle_timeout(now);
        }
    }

    fn wants_neighbour(&mut self, now: Instant) -> Option<(IpAddr, u32)> {
        self.node.wants_neighbour(now)
    }

    fn handle_neighbour(&mut self, now: Instant, address: IpAddr, resolved: bool) {
        self.node.handle_neighbour(now, address, resolved);
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.node.poll_transmit()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let due = self.node.poll_timeout();
        let due = due.map(|due| if self.is_stopped(due) { self.to } else { due });
        let waiting = (!self.waiting.is_empty()).then_some(self.to);
        due.into_iter().chain(waiting).min()
    }
}

fn network(seed: u64, servers: u32, loss: f64) -> (Network, Segment) {
    let mut network = Network::new(seed);
    let segment = network.segment("10.0.0.0/16".parse().unwrap());
    for _ in 0..servers {
        let make = |host: Setting<'_>| Server::new(ResponderConfig::default(), host).unwrap();
        network.attach(segment, Link::losing(loss), make);
    }
    (network, segment)
}

fn client(network: &mut Network, segment: Segment, pause: Pause) -> Handle<Suspended<Client>> {
    network.attach(segment, Link::default(), |host| {
        let config = DiscoveryConfig {
            timeout: Some(TIMEOUT),
            wait: Wait::Full,
            ..DiscoveryConfig::default()
        };
        Suspended::new(Client::new(config, host).unwrap(), host.now, pause)
    })
}

fn outcome(network: &Network, client: Handle<Suspended<Client>>) -> Outcome {
    network[client].node.discovery().outcome().unwrap()
}

#[test]
fn a_client_that_was_stopped_ends_at_its_deadline_or_when_it_goes_on() {
    for_each_seed(0..500, |seed| {
        let mut rng = Pcg32::seed_from_u64(seed);
        let mut moment = || rng.random_range(Duration::ZERO..TIMEOUT * 2);
        let (a, b) = (moment(), moment());
        let pause = Pause { from: a.min(b), to: a.max(b) };
        let (mut network, segment) = network(seed, 20, 0.2);
        let client = client(&mut network, segment, pause);
        network.run_until_idle(TIMEOUT * 4);
        let outcome = outcome(&network, client);
        let missed = pause.from <= TIMEOUT && TIMEOUT < pause.to;
        let due = if missed { pause.to } else { TIMEOUT };
        assert_eq!((outcome.ended, outcome.elapsed), (Ended::Deadline, due), "{pause:?}");
    });
}

#[test]
fn a_client_that_goes_on_calls_once_not_once_for_each_round_that_it_missed() {
    for_each_seed(0..50, |seed| {
        let pause = Pause { from: Duration::from_millis(100), to: Duration::from_secs(4) };
        let (mut network, segment) = network(seed, 1, 0.0);
        let client = client(&mut network, segment, pause);
        network.advance(pause.from);
        let before = network.traffic(client).sent;
        network.advance(pause.to - pause.from + Duration::from_millis(50));
        // The second round calls everybody by two addresses.
        assert_eq!(network.traffic(client).sent, before + 2);
        network.run_until_idle(TIMEOUT);
        assert_eq!(outcome(&network, client).servers, 1);
    });
}

#[test]
fn a_server_that_goes_on_answers_no_source_more_often_than_its_burst() {
    const BURST: u64 = 400;
    for_each_seed(0..5, |seed| {
        let pause = Pause { from: Duration::ZERO, to: Duration::from_secs(100) };
        let (mut network, segment) = network(seed, 0, 0.0);
        let server = network.attach(segment, Link::default(), |host| {
            let server = Server::new(ResponderConfig::default(), host).unwrap();
            Suspended::new(server, host.now, pause)
        });
        let target = network.address(server);
        let asker = network.attach(segment, Link::default(), |host| {
            let probe = Classic::default().encode_query(Query::Discover);
            Flood::new(target, probe, "10.0.0.77/32".parse().unwrap(), 1000, host)
        });
        network.advance(pause.to - Duration::from_secs(1));
        network.remove(asker);
        assert_eq!(network.traffic(server).sent, 0);
        network.advance(Duration::from_secs(2));
        assert!(network.traffic(server).received > 90_000);
        assert_eq!(network.traffic(server).sent, BURST);
    });
}
