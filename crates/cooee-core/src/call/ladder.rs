//! The rungs that a configuration asks for.

use std::time::{Duration, Instant};

use ipnet::IpNet;

use super::occasion::RungId;
use super::own::Own;
use super::rung::{
    Audience, Expected, KnownHosts, Listening, Neighbours, Networks, RememberedHosts, Rounds, Rung,
    Sweep, Swept,
};
use super::schedule::Schedule;
use super::via::Via;
use crate::interface::Interface;
use crate::{DiscoveryConfig, Host, Target, limits};

/// The rounds in which remembered servers are called: a second one, in case a datagram is lost.
const REMEMBERED_ROUNDS: u32 = 2;

/// As long as one pass of the sweep takes, if that is longer than usual.
pub(super) fn default_timeout(config: &DiscoveryConfig, own: &[IpNet]) -> Duration {
    let networks = Networks::of(config, own);
    let pass = Sweep::pass_takes(&networks, own).mul_f64(1.25) + Swept::AFTER_PASS;
    let needed = if networks.is_empty() { Duration::ZERO } else { pass };
    needed.max(DiscoveryConfig::TIMEOUT).min(limits::TIMEOUT_MAX)
}

/// Rungs are added, and never taken away.
pub(super) fn next_id(rungs: &[Rung]) -> RungId {
    RungId(rungs.len() as u8)
}

/// The rung that calls these hosts.
pub(super) fn hosts(
    hosts: &[Host],
    config: &DiscoveryConfig,
    schedule: Schedule,
    id: RungId,
) -> Rung {
    let given = || hosts.iter().flat_map(|host| host.addresses.iter().copied());
    let addresses = || given().filter(|&address| config.speaks(address.into()));
    let audience = Audience::Only(addresses().map(|address| address.ip()).collect());
    let targets = addresses().map(Target::routed).collect();
    let plan = Box::new(Rounds::new(schedule, targets, audience).only(config.rounds));
    let expected = Expected::Each(KnownHosts::new(hosts, config));
    Rung { id, name: "hosts", via: Via::Host, plan, expected }
}

/// The rungs that `config` asks for.
pub(super) fn rungs(
    config: &DiscoveryConfig,
    interfaces: &[Interface],
    schedule: impl Fn() -> Schedule,
    now: Instant,
) -> Vec<Rung> {
    if !config.probes {
        let (plan, expected) =
            (Box::new(Listening::new(config.wait, now)), Expected::Announcements);
        return vec![Rung { id: next_id(&[]), name: "dns-sd", via: Via::Mdns, plan, expected }];
    }
    let mut rungs = Vec::new();
    // The others are being looked up.
    let mut known = config.hosts.clone();
    known.retain(|host| !host.addresses.is_empty());
    if !known.is_empty() {
        rungs.push(hosts(&known, config, schedule(), next_id(&rungs)));
    }
    let mut add = |name, via, plan, expected| {
        let id = next_id(&rungs);
        rungs.push(Rung { id, name, via, plan, expected });
    };
    let remembered = RememberedHosts::new(config);
    if remembered.addresses().next().is_some() {
        let audience = Audience::Only(remembered.addresses().map(|it| it.ip()).collect());
        let targets = remembered.addresses().map(Target::routed).collect();
        let plan = Rounds::new(schedule(), targets, audience).only(REMEMBERED_ROUNDS);
        add("remembered", Via::Remembered, Box::new(plan) as Box<_>, Expected::Perhaps(remembered));
    }
    let own = Own::new(interfaces).nets;
    let networks = Networks::of(config, &own);
    if !networks.is_empty() {
        let plan = Sweep::new(networks, config.port, own, schedule(), now);
        add("sweep", Via::Sweep, Box::new(plan), Expected::Population);
    }
    let neighbours = Neighbours::new(config.port, interfaces, schedule(), now).only(config.rounds);
    add("neighbours", Via::Neighbour, Box::new(neighbours), Expected::Nobody);
    let broadcast = Rounds::new(schedule(), Vec::new(), Audience::Everybody).only(config.rounds);
    add("broadcast", Via::Broadcast, Box::new(broadcast), Expected::Population);
    rungs
}
