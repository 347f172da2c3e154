//! What is noted of the surroundings while a discovery runs, for the findings at its end.

use std::net::IpAddr;

use cooee_core::finding::{Evidence, NeighbourSeen};
use cooee_core::interface::Interface;
use cooee_core::{Outcome, Via, limits};
use cooee_udp::{Refusal, SendFailure, source_towards, tracks_connections};

use super::neighbourhood::Neighbourhood;
use super::unsent::Withheld;
use crate::{Discovery, Server};

/// Sees what is gone or has changed when findings are asked for.
pub(super) struct Witness {
    before: Vec<(IpAddr, u32)>,
    prohibited: Vec<IpAddr>,
    withheld: Withheld,
}

impl Witness {
    /// Notes which neighbours are resolved before the first probe.
    pub(super) fn begin(before: &[(IpAddr, u32)]) -> Self {
        Self { before: before.to_vec(), prohibited: Vec::new(), withheld: Withheld::default() }
    }

    /// Notes a probe that a firewall refused.
    pub(super) fn note(&mut self, refusal: &Refusal) {
        let address = refusal.destination.ip();
        let has_room = self.prohibited.len() < limits::REJECTED_MAX;
        if refusal.is_prohibited && has_room && !self.prohibited.contains(&address) {
            self.prohibited.push(address);
        }
    }

    /// Notes a probe that this host did not send.
    pub(super) fn note_unsent(&mut self, failure: &SendFailure<'_>) {
        self.withheld.note(failure);
    }

    /// What can be said of a discovery that has ended. Looks at the neighbours only if something
    /// is missing.
    pub(super) fn testify(
        &mut self,
        neighbourhood: &mut Neighbourhood,
        settings: &Discovery,
        interfaces: &[Interface],
        outcome: &Outcome,
        servers: &[Server],
    ) -> Evidence {
        let is_missing = outcome.servers == 0 || !outcome.silent.is_empty();
        let mut evidence = settings.evidence(interfaces);
        evidence.note_outcome(outcome.clone());
        evidence.prohibited = std::mem::take(&mut self.prohibited);
        evidence.withheld = self.withheld.addresses().to_vec();
        if outcome.behind_firewall > 0 && tracks_connections() {
            let directly = servers.iter().filter(|server| server.via == Via::Neighbour);
            evidence.only_by_unicast = directly.map(|server| server.source.ip()).collect();
        }
        if is_missing {
            evidence.neighbours = self.seen(neighbourhood.resolved_on(interfaces));
            evidence.unrouted = unrouted(&evidence, outcome);
        }
        evidence.neighbours.extend(servers.iter().filter_map(|server| stray(server, interfaces)));
        evidence
    }

    fn seen(&self, after: Vec<(IpAddr, u32)>) -> Vec<NeighbourSeen> {
        let seen = |(address, interface)| {
            let since_probe = !self.before.contains(&(address, interface));
            NeighbourSeen { address, interface, since_probe }
        };
        after.into_iter().map(seen).collect()
    }
}

/// The sender of an answer, if it is on no network of the interface that it arrived on, and no route
/// leads to it.
fn stray(server: &Server, interfaces: &[Interface]) -> Option<NeighbourSeen> {
    let interface = interfaces.iter().find(|i| Some(&i.name) == server.interface.as_ref())?;
    let address = server.source.ip();
    let is_stray = !server.this_host
        && !interfaces.iter().any(|i| i.is_on_link(address))
        && source_towards(address, None).is_none();
    is_stray.then_some(NeighbourSeen { address, interface: interface.index, since_probe: false })
}

/// The silent hosts that no route leads to.
fn unrouted(evidence: &Evidence, outcome: &Outcome) -> Vec<String> {
    let is_silent = |name: &String| outcome.silent.contains(name);
    let hosts = evidence.hosts.iter().filter(|host| is_silent(&host.name));
    hosts
        .filter(|host| !host.addresses.is_empty())
        .filter(|host| host.addresses.iter().all(|to| source_towards(to.ip(), None).is_none()))
        .map(|host| host.name.clone())
        .collect()
}
