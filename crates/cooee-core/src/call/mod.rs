//! Discovery: when to probe which addresses, which servers answered, and when to stop.

mod announced;
mod attendance;
mod concluding;
mod estimate;
mod hearing;
mod ladder;
mod late;
mod named;
mod names;
mod neighbours;
mod occasion;
mod outcome;
mod own;
mod probes;
mod record;
mod refusals;
mod rejected;
mod resolving;
mod rung;
mod schedule;
mod servers;
mod settle;
mod told;
mod via;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;
use tracing::{debug, trace};

use crate::interface::Interface;
use crate::{ConfigError, DiscoveryConfig, Target, Transmit, Unsent};
pub use estimate::Estimate;
pub use named::Named;
use names::Names;
pub use names::Unresolved;
pub use outcome::{Ended, Outcome};
use own::Own;
pub(crate) use probes::{Outbox, Probes};
pub use record::{ServerRecord, Trust};
pub use refusals::{AnswerRefusal, Refusals};
pub use rejected::Rejected;
use rejected::RejectedSenders;
use rung::Rung;
pub use rung::{NeighbourRoom, Remembered, Swept};
use schedule::Schedule;
use servers::Servers;
use settle::Settle;
pub use via::Via;

/// The client side of the protocol: one discovery, from the first probe to the outcome.
///
/// Driven as the [crate's contract](crate) says. It begins with the first
/// [`handle_timeout`](Self::handle_timeout), and has ended when [`outcome`](Self::outcome) is `Some`.
/// Datagrams count until then, even past the deadline: a late driver hands in what has arrived, and
/// only then calls [`handle_timeout`](Self::handle_timeout).
#[derive(Debug)]
pub struct DiscoveryEngine {
    config: DiscoveryConfig,
    probes: Probes,
    /// This host's addresses and networks.
    own: Own,
    start: Instant,
    deadline: Instant,
    /// From the most specific to the most general: a server is that of the first that called it.
    rungs: Vec<Rung>,
    names: Names,
    /// When to sweep if nobody has answered.
    late_at: Option<Instant>,
    /// Of the schedules that begin later.
    chance: Pcg32,
    transmits: VecDeque<Transmit>,
    servers: Servers,
    settle: Settle,
    tally: Tally,
    events: VecDeque<DiscoveryEvent>,
    ended: Option<(Ended, Duration)>,
}

/// What has been counted so far.
#[derive(Debug, Default)]
struct Tally {
    answers: u64,
    refusals: Refusals,
    rejected: RejectedSenders,
}

/// What a [`DiscoveryEngine`] reports to its driver.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiscoveryEvent {
    /// A server was heard for the first time.
    Found(ServerRecord),
    /// A datagram began as an answer does but cannot be read. Reported once for each sender.
    Rejected(Rejected),
    /// Nobody has answered for as long as [`DiscoveryConfig::sweep_if_nobody`] says: the driver
    /// hands in what may be swept, by [`DiscoveryEngine::handle_sweep`].
    SweepWanted,
}

impl DiscoveryEngine {
    /// A discovery that probes `targets` and the configured hosts in each round, and sweeps the
    /// configured networks beside the rounds.
    ///
    /// `interfaces` are this host's; sources with their addresses are this host. `seed` is for the
    /// jitter. `now` is the start, from which the timeout counts. Hosts come before targets where
    /// both together exceed [`TARGETS_MAX`](crate::limits::TARGETS_MAX).
    ///
    /// # Errors
    /// The first invalid setting in `config`.
    pub fn new(
        config: DiscoveryConfig,
        targets: Vec<Target>,
        interfaces: &[Interface],
        seed: u64,
        now: Instant,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let own = Own::new(interfaces);
        config.check_public(&own.nets)?;
        let timeout = config.timeout.unwrap_or_else(|| ladder::default_timeout(&config, &own.nets));
        let chance = Pcg32::seed_from_u64(seed);
        let schedule = || Schedule::new(config.retries, timeout, chance.clone(), now);
        let mut engine = Self {
            probes: Probes::new(&config.codecs, config.families),
            start: now,
            deadline: now + timeout,
            rungs: ladder::rungs(&config, interfaces, schedule, now),
            names: Names::new(&config),
            late_at: config.sweep_if_nobody.filter(|_| config.probes).map(|after| now + after),
            chance: chance.clone(),
            own,
            transmits: VecDeque::new(),
            servers: Servers::new(seed),
            settle: Settle::new(&config, now),
            tally: Tally::default(),
            events: VecDeque::new(),
            ended: None,
            config,
        };
        engine.retarget(targets);
        Ok(engine)
    }

    fn retarget(&mut self, mut targets: Vec<Target>) {
        targets
            .retain(|target| self.config.probes && self.config.speaks(target.destination().into()));
        targets.truncate(self.config.room_for_targets());
        self.own.note_targets(&targets);
        self.rungs.iter_mut().for_each(|rung| rung.plan.retarget(&targets));
    }

    /// Replaces this host's interfaces, and the targets from the next round on.
    pub fn handle_interfaces(&mut self, interfaces: &[Interface], targets: Vec<Target>) {
        if self.ended.is_some() {
            return;
        }
        self.own = Own::new(interfaces);
        self.rungs.iter_mut().for_each(|rung| rung.plan.relocate(interfaces));
        self.retarget(targets);
    }

    /// The latest end. It can move forward when a sweep finishes early.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Does what is due at `now`: a round of probes, the next addresses of a sweep, the end.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.ended.is_some() {
            return;
        }
        if now >= self.deadline {
            return self.end(Ended::Deadline, now);
        }
        self.servers.tell_due(now);
        if self.is_satisfied() {
            return self.end(Ended::First, now);
        }
        if !self.names.are_pending() && self.settle.is_over(now, &self.rungs, &self.servers) {
            return self.end(Ended::Settled, now);
        }
        let mut out = Outbox { probes: &self.probes, transmits: &mut self.transmits };
        for rung in &mut self.rungs {
            let before = out.transmits.len();
            let due = rung.plan.next_at().is_some_and(|at| at <= now);
            let milestone = due && rung.plan.advance(now, &mut out);
            for transmit in out.transmits.iter().skip(before) {
                let (to, by) = (transmit.destination, transmit.interface);
                trace!(rung = rung.name, %to, by, "probe");
            }
            if milestone {
                told::milestone(rung, out.transmits.range(before..));
                self.settle.note_round(now);
            }
        }
        self.end_with_the_sweep(now);
        self.look_for_nobody(now);
    }

    /// Without a configured timeout, the deadline follows the end of the sweep's first pass.
    fn end_with_the_sweep(&mut self, now: Instant) {
        let usual = self.start + DiscoveryConfig::TIMEOUT;
        if self.config.timeout.is_none() && self.deadline > usual {
            let is_through = |rung: &Rung| rung.plan.swept().is_some() && rung.plan.completed() > 0;
            let rounds = self.rungs.iter().map(|rung| rung.plan.rounds()).max().unwrap_or_default();
            let promised_rounds_are_made = rounds == 0 || rounds > self.config.retries;
            if promised_rounds_are_made && self.rungs.iter().any(is_through) {
                self.deadline = self.deadline.min((now + Swept::AFTER_PASS).max(usual));
            }
        }
    }

    /// Takes an ICMP port-unreachable from `destination`: nothing listens on the port there. Counts
    /// after the end too, for probes sent before it.
    pub fn handle_refusal(&mut self, now: Instant, destination: SocketAddr) {
        let mut news = false;
        for rung in &mut self.rungs {
            news |= rung.refuse(destination);
        }
        if news && self.ended.is_none() {
            debug!(%destination, "nothing listens there");
            self.settle.look_again(now, &self.rungs);
        }
    }

    /// Takes back a probe that was not sent. Returns whether it will be sent again, as those of a
    /// sweep are that there was no room for.
    pub fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: Unsent) -> bool {
        let to = transmit.destination;
        let mut rungs = self.rungs.iter_mut();
        let again =
            self.ended.is_none() && rungs.any(|rung| rung.plan.handle_unsent(now, transmit, why));
        trace!(%to, again, "a probe was not sent");
        again
    }

    /// Takes the number of datagrams that the kernel has dropped since the sockets were opened,
    /// because a receive buffer was full. Counts after the end too, for drops shortly before it.
    pub fn handle_drops(&mut self, total: u64) {
        self.settle.note_drops(total);
    }

    /// Ends the discovery early.
    pub fn stop(&mut self, now: Instant) {
        if self.ended.is_none() {
            self.end(Ended::Stopped, now);
        }
    }

    fn end(&mut self, how: Ended, now: Instant) {
        debug!(
            why = how.as_str(),
            servers = self.servers.as_slice().len(),
            unseen = self
                .settle
                .estimate_at(now, &self.rungs, &self.servers)
                .map(|estimate| estimate.unseen),
            "ended"
        );
        self.servers.tell_all();
        self.transmits.clear();
        self.ended = Some((how, now.saturating_duration_since(self.start)));
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<DiscoveryEvent> {
        let found = || self.servers.poll_found().map(DiscoveryEvent::Found);
        self.events.pop_front().or_else(found)
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) next; `None` after the end.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.ended.is_some() {
            return None;
        }
        let rungs = self.rungs.iter().filter_map(|rung| rung.plan.next_at());
        let check_at = self.settle.check_at().filter(|_| !self.names.are_pending());
        let others = check_at.into_iter().chain(self.late_at).chain(self.servers.due());
        Some(rungs.chain(others).fold(self.deadline, Instant::min))
    }

    /// The progress of the sweep; `None` without one.
    pub fn swept(&self) -> Option<Swept> {
        self.rungs.iter().find_map(|rung| rung.plan.swept())
    }

    /// The servers so far, in the order of their first answers.
    pub fn servers(&self) -> &[ServerRecord] {
        self.servers.as_slice()
    }

    /// The same, out of an engine that is of no further use.
    pub fn into_servers(self) -> Vec<ServerRecord> {
        self.servers.into_vec()
    }
}

#[cfg(test)]
mod tests;
