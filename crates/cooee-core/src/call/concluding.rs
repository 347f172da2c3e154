//! What is reported at the end.

use std::net::IpAddr;

use super::DiscoveryEngine;
use super::attendance::Calls;
use super::outcome::Outcome;
use super::refusals::AnswerRefusal;
use super::rung::{Expected, KnownHosts};
use super::via::Via;
use crate::limits;

impl DiscoveryEngine {
    /// How the discovery went and how complete it probably is; `None` while it runs.
    pub fn outcome(&self) -> Option<Outcome> {
        let (ended, elapsed) = self.ended?;
        let hosts = || {
            self.rungs.iter().filter_map(|rung| match &rung.expected {
                Expected::Each(hosts) => Some(hosts),
                Expected::Population
                | Expected::Perhaps(_)
                | Expected::Nobody
                | Expected::Announcements => None,
            })
        };
        let remembered = self.rungs.iter().find_map(|rung| match &rung.expected {
            Expected::Perhaps(hosts) => Some(hosts.told()),
            Expected::Population
            | Expected::Each(_)
            | Expected::Nobody
            | Expected::Announcements => None,
        });
        let end = self.start + elapsed;
        let rounds = |source| Calls { rungs: &self.rungs, own: &self.own, source }.rounds();
        Some(Outcome {
            ended,
            elapsed,
            rounds: self.rungs.iter().map(|rung| rung.plan.rounds()).max().unwrap_or_default(),
            servers: self.servers.as_slice().len(),
            answers: self.tally.answers,
            refusals: self.tally.refusals,
            kernel_drops: self.settle.kernel_drops(),
            estimate: (self.config.probes)
                .then(|| self.settle.estimate_at(end, &self.rungs, &self.servers))
                .flatten(),
            truncated: self.tally.refusals.count_of(AnswerRefusal::TableFull) > 0,
            silent: hosts().flat_map(KnownHosts::silent).map(str::to_owned).collect(),
            refused: hosts().flat_map(KnownHosts::refused).map(str::to_owned).collect(),
            looked_up: self.names.found().to_vec(),
            unresolved: self.names.unresolved(),
            remembered: remembered.unwrap_or_default(),
            swept: self.swept(),
            behind_firewall: self.behind_firewall(),
            drops_answers: self.drops_answers(),
            doubled: self.servers.doubled(rounds).take(limits::REJECTED_MAX).collect(),
            rejected: self.tally.rejected.as_slice().to_vec(),
        })
    }

    /// Whether chance does not explain that servers answered only when called directly.
    ///
    /// One broadcast that is lost on its way out looks like a firewall, to however many servers. But
    /// a host that turned up after it has heard it, and looked this host up to answer. That two such
    /// answers are lost, and none in the rounds after, is no chance.
    fn drops_answers(&self) -> bool {
        let rounds = self.rungs.iter().filter(|rung| rung.plan.is_broadcast());
        let rounds = rounds.map(|rung| rung.plan.rounds()).max().unwrap_or_default();
        let turned_up = |ip: &IpAddr| self.rungs.iter().any(|rung| rung.plan.turned_up(*ip));
        let sure = self.servers.regular_neighbours(rounds).filter(turned_up);
        self.behind_firewall() > 0 && sure.take(2).count() == 2
    }

    /// The servers that answered only when called directly. That means nothing where another host
    /// answered a broadcast, or where the round trip of none is clear: they may be slow.
    fn behind_firewall(&self) -> usize {
        let servers = || self.servers.as_slice().iter();
        let heard_by_broadcast = servers().any(|s| s.via == Via::Broadcast && !s.this_host);
        let only_directly = || servers().filter(|s| s.via == Via::Neighbour);
        let is_clear = only_directly().any(|s| s.rtt.is_some());
        if is_clear && !heard_by_broadcast { only_directly().count() } else { 0 }
    }
}
