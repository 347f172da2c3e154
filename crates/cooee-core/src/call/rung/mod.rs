//! Ways of finding servers. Each rung says which addresses it probes and when, which servers are
//! expected to answer, and in how many rounds it has probed.

mod hosts;
mod listening;
mod neighbours;
mod networks;
mod part;
mod plan;
mod remembered;
mod rounds;
mod sweep;
mod swept;
mod waiting;

use std::net::SocketAddr;

use super::estimate::Estimate;
use super::occasion::RungId;
use super::via::Via;
pub(super) use hosts::KnownHosts;
pub(super) use listening::Listening;
pub(super) use neighbours::Neighbours;
pub(super) use networks::Networks;
use plan::Plan;
pub use remembered::Remembered;
pub(super) use remembered::RememberedHosts;
pub(super) use rounds::{Audience, Rounds};
pub(super) use sweep::Sweep;
pub use swept::Swept;
pub use waiting::NeighbourRoom;

/// The servers that are expected to answer a rung.
#[derive(Debug)]
pub(super) enum Expected {
    /// A number of servers that has to be estimated.
    Population,
    /// Each of these.
    Each(KnownHosts),
    /// Perhaps some of these.
    Perhaps(RememberedHosts),
    /// Nobody: it calls where somebody may be.
    Nobody,
    /// Servers that announce themselves in the meantime; none is called.
    Announcements,
}

impl Expected {
    /// Takes note that `source` answered.
    #[inline]
    pub(super) fn hear(&mut self, source: SocketAddr) {
        match self {
            Self::Each(hosts) => hosts.hear(source),
            Self::Perhaps(hosts) => hosts.hear(source),
            Self::Population | Self::Nobody | Self::Announcements => {}
        }
    }
}

/// One way of finding servers.
#[derive(Debug)]
pub(super) struct Rung {
    pub(super) id: RungId,
    pub(super) name: &'static str,
    pub(super) via: Via,
    pub(super) plan: Box<dyn Plan>,
    pub(super) expected: Expected,
}

impl Rung {
    /// Takes note that nothing listens at `destination`. Says whether that is news.
    pub(super) fn refuse(&mut self, destination: SocketAddr) -> bool {
        match &mut self.expected {
            Expected::Each(hosts) => hosts.refuse(destination),
            Expected::Population
            | Expected::Perhaps(_)
            | Expected::Nobody
            | Expected::Announcements => false,
        }
    }

    /// Whether it has called so often, and was answered by everybody that it knows of.
    pub(super) fn has_called_enough(&self, needed: u32) -> bool {
        match &self.expected {
            Expected::Each(hosts) => hosts.are_resolved(),
            Expected::Population => !self.plan.is_in_use() || self.plan.is_enough(needed),
            Expected::Perhaps(_) | Expected::Nobody | Expected::Announcements => {
                !self.plan.is_under_way()
            }
        }
    }

    /// Whether it probes known hosts only, and each that is expected to answer has, or has refused.
    pub(super) fn expects_nobody_else(&self) -> bool {
        match &self.expected {
            Expected::Each(hosts) => hosts.are_resolved(),
            Expected::Population => !self.plan.is_in_use(),
            Expected::Perhaps(_) | Expected::Nobody => !self.plan.is_under_way(),
            Expected::Announcements => false,
        }
    }

    /// How many of those it called were not heard in its first `rounds` rounds; `None` if that
    /// cannot be told yet.
    ///
    /// `population` is what the attendance of those that were heard tells.
    pub(super) fn estimate(&self, population: impl Fn() -> Option<Estimate>) -> Option<Estimate> {
        match &self.expected {
            Expected::Each(hosts) => {
                let rate = population().map_or(0.0, |estimate| estimate.answer_rate);
                Some(Estimate { unseen: hosts.silent().count() as f64, answer_rate: rate })
            }
            Expected::Population if self.plan.is_in_use() => population(),
            Expected::Population
            | Expected::Perhaps(_)
            | Expected::Nobody
            | Expected::Announcements => {
                Some(Estimate { unseen: self.plan.left_out(), ..Estimate::NOBODY })
            }
        }
    }
}
