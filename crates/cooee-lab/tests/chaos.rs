//! Whole networks that are made up and disturbed at random.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use cooee_core::{DiscoveryConfig, ResponderConfig, Wait};
use cooee_lab::sim::{
    Buffer, Client, Flood, Handle, Link, Network, Segment, Server, for_each_seed,
};
use rand::RngExt;
use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;

/// A network that is made up and disturbed at random.
struct Chaos {
    rng: Pcg32,
    network: Network,
    segments: Vec<Segment>,
    servers: Vec<Handle<Server>>,
    clients: Vec<(Handle<Client>, Duration)>,
}

impl Chaos {
    fn new(seed: u64) -> Self {
        let mut network = Network::new(seed);
        let rng = Pcg32::seed_from_u64(seed);
        let segments =
            (1..4).map(|n| network.segment(format!("10.{n}.0.0/16").parse().unwrap())).collect();
        Self { rng, network, segments, servers: Vec::new(), clients: Vec::new() }
    }

    fn up_to(&mut self, most: u64) -> u64 {
        self.rng.random_range(0..=most)
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.rng.random_range(0..from.len())].clone())
    }

    fn link(&mut self) -> Link {
        let most = self.up_to(200);
        let buffer = Buffer {
            datagrams: self.up_to(50) as usize,
            drain_per_second: self.up_to(10_000) as u32,
        };
        Link {
            loss: self.up_to(60) as f64 / 100.0,
            delay: Duration::ZERO..Duration::from_millis(most),
            duplicate: self.up_to(50) as f64 / 100.0,
            receive_buffer: (self.up_to(3) == 0).then_some(buffer),
            ..Link::default()
        }
    }

    fn places(&mut self) -> Vec<(Segment, Link)> {
        let wanted = 1 + self.up_to(2) as usize;
        self.segments.clone().into_iter().take(wanted).map(|s| (s, self.link())).collect()
    }

    fn add_server(&mut self) {
        let places = self.places();
        let handle = self
            .network
            .attach_to_all(&places, |host| Server::new(ResponderConfig::default(), host).unwrap());
        self.servers.push(handle);
    }

    fn add_client(&mut self) {
        let timeout = Duration::from_millis(10 + self.up_to(4000));
        let sweep = if self.up_to(3) == 0 { vec!["10.1.0.0/27".parse().unwrap()] } else { vec![] };
        let config = DiscoveryConfig {
            timeout: Some(timeout),
            retries: self.up_to(10) as u32,
            wait: self.pick(&[Wait::First, Wait::Settled, Wait::Full]).unwrap(),
            sweep,
            ..DiscoveryConfig::default()
        };
        let places = self.places();
        let handle = self.network.attach_to_all(&places, |host| Client::new(config, host).unwrap());
        self.clients.push((handle, timeout));
    }

    fn add_noise(&mut self) {
        let payloads: [&'static [u8]; 7] = [
            b"",
            b"DISCOVER_SERVER",
            b"DISCOVER_SERVER\0",
            b"SERVER_IP:",
            b"SERVER_IP:10.1.0.1:65536",
            b"SERVER_IP:127.0.0.1",
            b"\xd9\xd9\xf7\xff",
        ];
        let payload = Bytes::from_static(self.pick(&payloads).unwrap());
        let ip: IpAddr = self
            .pick(&["255.255.255.255", "10.1.0.1", "10.2.0.2", "10.9.9.9"])
            .unwrap()
            .parse()
            .unwrap();
        let target = SocketAddr::new(ip, self.pick(&[9999, 40_000]).unwrap());
        let sources = self.pick(&["0.0.0.0/0", "10.1.0.0/24", "224.0.0.0/4"]).unwrap();
        let per_second = self.up_to(200) as u32;
        let place = self.pick(&self.segments.clone()).unwrap();
        let link = self.link();
        self.network.attach(place, link, |host| {
            Flood::new(target, payload, sources.parse().unwrap(), per_second, host)
        });
    }

    fn disturb(&mut self) {
        match self.up_to(7) {
            0 | 1 => self.add_server(),
            2 | 3 => self.add_client(),
            4 => self.add_noise(),
            5 => {
                if let Some(server) = self.pick(&self.servers.clone()) {
                    self.network.remove(server);
                }
            }
            6 => {
                let link = self.link();
                if let Some(server) = self.pick(&self.servers.clone()) {
                    self.network.relink(server, &link);
                    self.network.act(server, |s, _| s.responder_mut().handle_interfaces(&[]));
                }
            }
            _ => {
                if let Some((client, _)) = self.pick(&self.clients.clone()) {
                    self.network.act(client, Client::stop);
                }
            }
        }
        let pause = Duration::from_millis(self.up_to(400));
        self.network.advance(pause);
    }
}

#[test]
fn whatever_happens_every_discovery_ends_in_time_and_finds_nobody_twice() {
    for_each_seed(0..200, |seed| {
        let mut chaos = Chaos::new(seed);
        for _ in 0..30 {
            chaos.disturb();
        }
        chaos.network.advance(Duration::from_secs(5));
        for &(client, timeout) in &chaos.clients {
            let client = &chaos.network[client];
            let outcome = client.discovery().outcome().expect("every discovery ends");
            assert!(outcome.elapsed <= timeout, "{outcome:?}");
            assert_eq!(client.found().len(), outcome.servers);
            let servers = client.discovery().servers().iter();
            let mut distinct: Vec<_> =
                servers.map(|s| (s.interface, s.this_host, s.address())).collect();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), outcome.servers, "{:?}", client.found());
        }
    });
}
