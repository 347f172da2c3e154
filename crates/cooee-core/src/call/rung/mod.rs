//! Ways of finding servers. Each rung says whom it calls and when, who is expected to answer, and
//! in how many rounds it has called.

mod hosts;
mod networks;
mod rounds;
mod sweep;
mod waiting;

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::Estimate;
use super::probes::Outbox;
use super::servers::{RungId, Servers};
use crate::{Target, Transmit};
pub(super) use hosts::{Known, KnownHosts};
pub(super) use rounds::{Audience, Rounds};
pub(super) use sweep::Sweep;
pub use sweep::{NeighbourRoom, Swept};

/// Whom a rung calls, and when.
pub(super) trait Plan: fmt::Debug + Send {
    /// When there is something to do next; `None` if never.
    fn next_at(&self) -> Option<Instant>;

    /// Calls whoever is due at `now`. Says whether that began a round, or ended a pass.
    fn advance(&mut self, now: Instant, out: &mut Outbox<'_>) -> bool;

    /// The rounds that have begun, for plans that have rounds.
    fn rounds(&self) -> u32;

    /// The rounds in which everybody was called.
    fn completed(&self) -> u32;

    /// Of those, the ones whose answers had `window` to arrive before `now`.
    fn heard_out(&self, now: Instant, window: Duration) -> u32;

    /// Whether its completed rounds are enough where `needed` rounds would be.
    fn is_enough(&self, needed: u32) -> bool {
        self.completed() >= needed
    }

    /// Whether it calls everybody on a link.
    fn is_broadcast(&self) -> bool {
        false
    }

    /// Whether it calls anybody, or has.
    fn is_in_use(&self) -> bool;

    /// The round in which it last called `source`; `None` if it has not.
    fn round_of(&self, source: SocketAddr) -> Option<u32>;

    /// Visits the instants at which it called `source`.
    fn each_call(&self, source: SocketAddr, visit: &mut dyn FnMut(Instant));

    /// Calls others from the next round on, if it calls interfaces.
    fn retarget(&mut self, _targets: &[Target]) {}

    /// Takes back a probe that could not be sent. Says whether it was one of this plan's.
    fn handle_unsent(&mut self, _now: Instant, _transmit: &Transmit) -> bool {
        false
    }

    /// Whether it needs to know how many more neighbours the system can look for.
    fn wants_neighbours(&self, _now: Instant) -> bool {
        false
    }

    /// Takes how many more neighbours the system can look for.
    fn handle_neighbours(&mut self, _now: Instant, _room: NeighbourRoom) {}

    /// How far it has come through its networks.
    fn swept(&self) -> Option<Swept> {
        None
    }
}

/// Who is expected to answer a rung.
#[derive(Debug)]
pub(super) enum Expected {
    /// A number of servers that has to be estimated.
    Population,
    /// Each of these.
    Each(KnownHosts),
}

/// One way of finding servers.
#[derive(Debug)]
pub(super) struct Rung {
    pub(super) id: RungId,
    pub(super) name: &'static str,
    pub(super) plan: Box<dyn Plan>,
    pub(super) expected: Expected,
}

impl Rung {
    /// Takes note that `source` answered.
    pub(super) fn hear(&mut self, source: SocketAddr) {
        if let Expected::Each(hosts) = &mut self.expected {
            hosts.resolve(source, Known::Heard);
        }
    }

    /// Takes note that nothing listens at `destination`. Says whether that is news.
    pub(super) fn refuse(&mut self, destination: SocketAddr) -> bool {
        match &mut self.expected {
            Expected::Each(hosts) => hosts.resolve(destination, Known::Refused),
            Expected::Population => false,
        }
    }

    /// Whether it has called so often, and was answered by everybody that it knows of.
    pub(super) fn has_called_enough(&self, needed: u32) -> bool {
        match &self.expected {
            Expected::Each(hosts) => hosts.are_resolved(),
            Expected::Population => !self.plan.is_in_use() || self.plan.is_enough(needed),
        }
    }

    /// Whether it calls nobody but those who were named, each of whom is heard or has refused.
    pub(super) fn expects_nobody_else(&self) -> bool {
        match &self.expected {
            Expected::Each(hosts) => hosts.are_resolved(),
            Expected::Population => !self.plan.is_in_use(),
        }
    }

    /// How many of those it called were not heard in its first `rounds` rounds; `None` if that
    /// cannot be told yet.
    pub(super) fn estimate(&self, servers: &Servers, rounds: u32) -> Option<Estimate> {
        let population = || servers.estimate(self.id, rounds);
        match &self.expected {
            Expected::Each(hosts) => {
                let rate = population().map_or(0.0, |estimate| estimate.answer_rate);
                Some(Estimate { unseen: hosts.silent().count() as f64, answer_rate: rate })
            }
            Expected::Population if self.plan.is_in_use() => population(),
            Expected::Population => Some(Estimate::NOBODY),
        }
    }
}
