//! The sweep of the nearest addresses, while nobody has answered.

use std::time::Instant;

use ipnet::IpNet;
use tracing::debug;

use super::rung::{Expected, Networks, Rung, Sweep};
use super::schedule::Schedule;
use super::via::Via;
use super::{DiscoveryEngine, DiscoveryEvent, ladder};
use crate::limits;
use crate::wire::Family;

impl DiscoveryEngine {
    /// Asks for the networks to sweep, if it is time and nobody has answered.
    pub(super) fn look_for_nobody(&mut self, now: Instant) {
        if self.late_at.take_if(|at| *at <= now).is_some() && self.servers.is_empty() {
            self.events.push_back(DiscoveryEvent::SweepWanted);
        }
    }

    /// Takes the networks that [`DiscoveryEvent::SweepWanted`] asks for, each as our own address with
    /// the length of its prefix. Of each the nearest [`limits::LATE_SWEEP_MAX`] addresses are
    /// probed, once.
    pub fn handle_sweep(&mut self, now: Instant, networks: &[IpNet]) {
        let spoken = |net: &&IpNet| self.config.speaks(Family::of(net.addr()));
        let networks: Vec<IpNet> = networks.iter().filter(spoken).copied().collect();
        if self.ended.is_some() || networks.is_empty() {
            return;
        }
        debug!(?networks, "nobody has answered: sweeping the nearest addresses");
        let left = self.deadline.saturating_duration_since(now);
        let schedule = Schedule::new(self.config.retries, left, self.chance.clone(), now);
        let own = self.own.nets.clone();
        let near = Networks::near(&networks, limits::LATE_SWEEP_MAX);
        let plan = Box::new(Sweep::new(near, self.config.port, own, schedule, now).once());
        let id = ladder::next_id(&self.rungs);
        let (name, via, expected) = ("sweep", Via::Sweep, Expected::Nobody);
        self.rungs.insert(0, Rung { id, name, via, plan, expected });
    }
}
