//! The calling side under random operations, in virtual time.
//!
//! An input is how the discovery is configured, and then operations, until it is used up. Then time
//! goes on until the discovery is over, which it must be by its deadline. After each call the
//! discovery is drained, and its promises are checked against a model of them.

mod model;

use std::net::SocketAddrV4;
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use cooee_core::interface::Selection;
use cooee_core::wire::classic::Classic;
use cooee_core::{Discovery, DiscoveryConfig, Target, Wait, call_targets, limits};
use ipnet::Ipv4Net;

use crate::network::{self, Address, Present};
use crate::operation::{Arrival, Texts};
use model::Model;

const TEXTS: Texts<'static> = Texts { message: b"DISCOVER_SERVER", prefix: b"SERVER_IP:" };

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Length {
    Ns(u16),
    Ms(u16),
    /// Up to two minutes.
    Seconds(u8),
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum End {
    First,
    Settled,
    Full,
}

#[derive(Debug, Clone, Arbitrary)]
struct Setup {
    timeout: Length,
    retries: u8,
    wait: End,
    sweep: [Option<(Address, u8)>; 2],
    hosts: [Option<Address>; 2],
    present: Present,
    seed: u8,
}

impl Setup {
    fn config(&self) -> DiscoveryConfig {
        let classic = Classic::new(TEXTS.message, TEXTS.prefix);
        let net = |(Address(ip), bits)| Ipv4Net::new(ip, 22 + bits % 11).expect("up to 32 bits");
        DiscoveryConfig {
            classic: classic.expect("texts within their bounds"),
            timeout: match self.timeout {
                Length::Ns(ns) => Duration::from_nanos(ns.into()),
                Length::Ms(ms) => Duration::from_millis(ms.into()),
                Length::Seconds(seconds) => Duration::from_secs((seconds % 120).into()),
            },
            retries: self.retries.into(),
            wait: match self.wait {
                End::First => Wait::First,
                End::Settled => Wait::Settled,
                End::Full => Wait::Full,
            },
            sweep: self.sweep.iter().flatten().copied().map(net).collect(),
            ..DiscoveryConfig::default()
        }
    }

    fn targets(&self, present: Present) -> Vec<Target> {
        let port = DiscoveryConfig::default().port;
        let mut targets = call_targets(&present.interfaces(), &Selection::default(), port);
        let hosts = self.hosts.iter().flatten().map(|host| SocketAddrV4::new(host.0, port));
        targets.extend(hosts.map(Target::host));
        targets
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
}

/// Takes one input.
///
/// # Panics
/// When the discovery breaks a promise.
pub fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok(setup) = Setup::arbitrary(&mut input) else { return };
    let config = setup.config();
    let targets = setup.targets(setup.present);
    let interfaces = setup.present.interfaces();
    let start = network::start();
    let discovery =
        Discovery::new(config.clone(), targets.clone(), &interfaces, setup.seed.into(), start);
    let is_sound = !config.timeout.is_zero() && config.retries <= limits::RETRIES_MAX;
    assert_eq!(discovery.is_ok(), is_sound);
    let Ok(discovery) = discovery else { return };

    let mut model = Model::new(config, discovery, targets, start);
    while !input.is_empty() {
        let Ok(operation) = Operation::arbitrary(&mut input) else { break };
        match operation {
            Operation::Arrival(arrival) => {
                let payload = arrival.payload(TEXTS);
                model.datagram(&arrival.datagram(&payload));
            }
            Operation::Crowd(servers) => model.crowd(servers, TEXTS.prefix),
            Operation::WaitMs(ms) => model.wait(Duration::from_millis(ms.into())),
            Operation::WaitNs(ns) => model.wait(Duration::from_nanos(ns.into())),
            Operation::SleepMs(ms) => model.sleep(Duration::from_millis(ms.into())),
            Operation::Timeout => model.timeout(),
            Operation::Drops(total) => model.drops(total),
            Operation::Interfaces(present) => {
                model.interfaces(&present.interfaces(), setup.targets(present));
            }
            Operation::Stop => model.stop(),
        }
    }
    model.end();
}
