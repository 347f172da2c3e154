//! What is reported at the end.

use super::DiscoveryEngine;
use super::outcome::Outcome;
use super::refusals::AnswerRefusal;
use super::rung::{Expected, KnownHosts};

impl DiscoveryEngine {
    /// How the discovery went and how complete it probably is; `None` while it runs.
    pub fn outcome(&self) -> Option<Outcome> {
        let (ended, elapsed) = self.ended?;
        let hosts = || {
            self.rungs.iter().filter_map(|rung| match &rung.expected {
                Expected::Each(hosts) => Some(hosts),
                Expected::Population | Expected::Perhaps(_) => None,
            })
        };
        let remembered = self.rungs.iter().find_map(|rung| match &rung.expected {
            Expected::Perhaps(hosts) => Some(hosts.told()),
            Expected::Population | Expected::Each(_) => None,
        });
        Some(Outcome {
            ended,
            elapsed,
            rounds: self.rungs.iter().map(|rung| rung.plan.rounds()).max().unwrap_or_default(),
            servers: self.servers.as_slice().len(),
            answers: self.tally.answers,
            refusals: self.tally.refusals,
            kernel_drops: self.settle.kernel_drops(),
            estimate: self.settle.estimate_at(self.start + elapsed, &self.rungs, &self.servers),
            truncated: self.tally.refusals.count_of(AnswerRefusal::TableFull) > 0,
            silent: hosts().flat_map(KnownHosts::silent).map(str::to_owned).collect(),
            refused: hosts().flat_map(KnownHosts::refused).map(str::to_owned).collect(),
            remembered: remembered.unwrap_or_default(),
            swept: self.swept(),
            rejected: self.tally.rejected.as_slice().to_vec(),
        })
    }
}
