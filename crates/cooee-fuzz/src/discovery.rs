//! The calling side under random operations, in virtual time.
//!
//! An input is how the discovery is configured, and then operations, until it is used up. Then time
//! goes on until the discovery is over, which it must be by its deadline. After each call the
//! discovery is drained, and its promises are checked against a model of them.

mod ending;
mod heard;
mod model;
mod neighbours;
mod rounds;
mod sweep;

use std::net::SocketAddr;
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use cooee_core::interface::{Interface, Selection};
use cooee_core::wire::{Families, Family as WireFamily};
use cooee_core::{
    ConfigError, DiscoveryConfig, DiscoveryEngine, Host, NeighbourRoom, Target, Wait,
    broadcast_targets, limits,
};
use ipnet::{IpNet, Ipv4Net};

use crate::network::{self, Address, Family, Present};
use crate::operation::{Arrival, Texts};
use model::Model;

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Length {
    Default,
    Ns(u16),
    Ms(u16),
    /// Up to two minutes; with a sweep, as long as the longest takes.
    Seconds(u8),
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum End {
    First,
    Quick,
    Settled,
    Full,
}

/// A host that is called by name, with one address or two.
#[derive(Debug, Clone, Copy, Arbitrary)]
struct Named {
    address: (Address, Family),
    another: Option<(Address, Family)>,
}

#[derive(Debug, Clone, Arbitrary)]
struct Setup {
    timeout: Length,
    retries: u8,
    wait: End,
    two_protocols: bool,
    sweep: [Option<(Address, u8)>; 2],
    hosts: [Option<Named>; 2],
    present: Present,
    seed: u8,
}

impl Setup {
    fn config(&self) -> DiscoveryConfig {
        let net = |(Address(ip), bits)| Ipv4Net::new(ip, 22 + bits % 11).expect("up to 32 bits");
        let longest = if self.sweep.iter().any(Option::is_some) { 20 } else { 120 };
        DiscoveryConfig {
            codecs: self.texts().iter().map(|texts| texts.codec()).collect(),
            timeout: match self.timeout {
                Length::Default => None,
                Length::Ns(ns) => Some(Duration::from_nanos(ns.into())),
                Length::Ms(ms) => Some(Duration::from_millis(ms.into())),
                Length::Seconds(seconds) => Some(Duration::from_secs((seconds % longest).into())),
            },
            retries: self.retries.into(),
            wait: match self.wait {
                End::First => Wait::First,
                End::Quick => Wait::Quick,
                End::Settled => Wait::Settled,
                End::Full => Wait::Full,
            },
            hosts: self.hosts(),
            sweep: self.sweep.iter().flatten().copied().map(net).map(IpNet::V4).collect(),
            allow_public: true,
            families: Families::V4,
            ..DiscoveryConfig::default()
        }
    }

    fn texts(&self) -> &'static [Texts] {
        const BOTH: &[Texts] = &[Texts::STOCK, Texts::BESIDE];
        if self.two_protocols { BOTH } else { &BOTH[..1] }
    }

    fn hosts(&self) -> Vec<Host> {
        let port = DiscoveryConfig::default().port;
        let socket = |(address, family): (Address, _)| SocketAddr::new(address.of(family), port);
        let host = |(nth, named): (usize, &Named)| Host {
            name: format!("host {nth}"),
            addresses: [Some(named.address), named.another]
                .into_iter()
                .flatten()
                .map(socket)
                .collect(),
        };
        self.hosts.iter().flatten().enumerate().map(host).collect()
    }

    fn targets(interfaces: &[Interface]) -> Vec<Target> {
        broadcast_targets(interfaces, &Selection::default(), DiscoveryConfig::default().port)
    }
}

#[derive(Debug, Clone, Arbitrary)]
enum Operation<'a> {
    Arrival(Arrival<'a>),
    /// One answer from each of so many servers.
    Crowd(u8),
    WaitMs(u16),
    WaitNs(u16),
    /// Nobody looks at the clock for so long.
    SleepMs(u16),
    /// The clock is looked at for no reason.
    Timeout,
    Drops(u64),
    Interfaces(Present),
    Stop,
    /// Nothing listens at the nth address of the hosts.
    HostRefuses(u8),
    /// Nothing listens at some address.
    Refuses(Address, Family),
    /// The system has no room for the next so many probes.
    NoRoom(u8),
    /// How many neighbours the system is looking for, and has room for; and whether it is asked
    /// again whenever that is wanted.
    Neighbours(u16, u16, bool),
}

/// Takes one input.
///
/// # Panics
/// When the discovery breaks a promise.
pub fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok(setup) = Setup::arbitrary(&mut input) else { return };
    let config = setup.config();
    let interfaces = setup.present.interfaces();
    let targets = Setup::targets(&interfaces);
    let start = network::start();
    let (seed, called) = (setup.seed.into(), targets.clone());
    let engine = DiscoveryEngine::new(config.clone(), called, &interfaces, seed, start);
    match engine {
        Ok(engine) => {
            assert!(config.timeout.is_none_or(|timeout| !timeout.is_zero()));
            assert!(config.retries <= limits::RETRIES_MAX);
            play(input, &setup, Model::new(config, engine, &interfaces, targets));
        }
        Err(ConfigError::Timeout { timeout }) => assert!(timeout.is_zero()),
        Err(ConfigError::Retries { retries }) => assert!(retries > limits::RETRIES_MAX),
        Err(ConfigError::Unspeakable { host }) => {
            let it = config.hosts.iter().find(|it| it.name == host).expect("one of the hosts");
            assert!(!it.addresses.iter().any(|&address| config.speaks(WireFamily::from(address))));
        }
        Err(other) => panic!("a value that the engine refuses: {other}"),
    }
}

fn play(mut input: Unstructured<'_>, setup: &Setup, mut model: Model) {
    while !input.is_empty() {
        let Ok(operation) = Operation::arbitrary(&mut input) else { break };
        match operation {
            Operation::Arrival(arrival) => {
                let payload = arrival.payload(setup.texts());
                model.datagram(&arrival.datagram(&payload));
            }
            Operation::Crowd(servers) => model.crowd(servers, Texts::STOCK.prefix),
            Operation::WaitMs(ms) => model.wait(Duration::from_millis(ms.into())),
            Operation::WaitNs(ns) => model.wait(Duration::from_nanos(ns.into())),
            Operation::SleepMs(ms) => model.sleep(Duration::from_millis(ms.into())),
            Operation::Timeout => model.timeout(),
            Operation::Drops(total) => model.drops(total),
            Operation::Interfaces(present) => {
                let interfaces = present.interfaces();
                let targets = Setup::targets(&interfaces);
                model.interfaces(&interfaces, targets);
            }
            Operation::Stop => model.stop(),
            Operation::HostRefuses(nth) => model.host_refuses(nth.into()),
            Operation::Refuses(address, family) => {
                model.refuses(SocketAddr::new(address.of(family), 9999));
            }
            Operation::NoRoom(probes) => model.no_room(probes),
            Operation::Neighbours(waiting, free, again) => {
                let room = NeighbourRoom { waiting: waiting.into(), free: free.into() };
                model.neighbours(room, again);
            }
        }
    }
    model.end();
}
