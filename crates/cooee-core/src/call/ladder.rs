//! The rungs that a configuration asks for.

use std::time::{Duration, Instant};

use ipnet::IpNet;

use super::occasion::RungId;
use super::own::Own;
use super::rung::{
    Audience, Expected, KnownHosts, Neighbours, Networks, RememberedHosts, Rounds, Rung, Sweep,
    Swept,
};
use super::schedule::Schedule;
use super::via::Via;
use crate::interface::Interface;
use crate::{DiscoveryConfig, Target, limits};

/// The rounds in which remembered servers are called: a second one, in case a datagram is lost.
const REMEMBERED_ROUNDS: u32 = 2;

/// As long as one pass of the sweep takes, if that is longer than usual.
pub(super) fn default_timeout(config: &DiscoveryConfig, own: &[IpNet]) -> Duration {
    let networks = Networks::of(config, own);
    let pass = Sweep::pass_takes(&networks, own).mul_f64(1.25) + Swept::AFTER_PASS;
    let needed = if networks.is_empty() { Duration::ZERO } else { pass };
    needed.max(DiscoveryConfig::TIMEOUT).min(limits::TIMEOUT_MAX)
}

/// The rungs that `config` asks for.
pub(super) fn rungs(
    config: &DiscoveryConfig,
    interfaces: &[Interface],
    schedule: impl Fn() -> Schedule,
    now: Instant,
) -> Vec<Rung> {
    let mut rungs = Vec::new();
    let mut add = |name, via, plan, expected| {
        let id = RungId(rungs.len() as u8);
        rungs.push(Rung { id, name, via, plan, expected });
    };
    if !config.hosts.is_empty() {
        let given = || config.hosts.iter().flat_map(|host| host.addresses.iter().copied());
        let addresses = || given().filter(|&address| config.speaks(address.into()));
        let audience = Audience::Only(addresses().map(|address| address.ip()).collect());
        let targets = addresses().map(Target::routed).collect();
        let plan = Rounds::new(schedule(), targets, audience);
        let expected = Expected::Each(KnownHosts::new(config));
        add("hosts", Via::Host, Box::new(plan) as Box<_>, expected);
    }
    let remembered = RememberedHosts::new(config);
    if remembered.addresses().next().is_some() {
        let audience = Audience::Only(remembered.addresses().map(|it| it.ip()).collect());
        let targets = remembered.addresses().map(Target::routed).collect();
        let plan = Rounds::new(schedule(), targets, audience).only(REMEMBERED_ROUNDS);
        add("remembered", Via::Remembered, Box::new(plan), Expected::Perhaps(remembered));
    }
    let own = Own::new(interfaces).nets;
    let networks = Networks::of(config, &own);
    if !networks.is_empty() {
        let plan = Sweep::new(networks, config.port, own, schedule(), now);
        add("sweep", Via::Sweep, Box::new(plan), Expected::Population);
    }
    let neighbours = Neighbours::new(config.port, interfaces, schedule(), now);
    add("neighbours", Via::Neighbour, Box::new(neighbours), Expected::Nobody);
    let broadcast = Rounds::new(schedule(), Vec::new(), Audience::Everybody);
    add("broadcast", Via::Broadcast, Box::new(broadcast), Expected::Population);
    rungs
}
