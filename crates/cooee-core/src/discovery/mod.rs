//! The calling side: when to call again, what was heard, when it is enough.

mod estimate;
mod outcome;
mod schedule;
mod servers;
mod sweep;
mod target;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::time::{Duration, Instant};

use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;

use crate::interface::Interface;
use crate::wire::classic::{AnswerError, DEFAULT_SERVICE_PORT};
use crate::{ConfigError, Datagram, DiscoveryConfig, Transmit, Wait, limits};
pub use estimate::Estimate;
pub use outcome::{AnswerRefusal, Ended, Outcome, Refusals};
use schedule::Schedule;
use servers::{Heard, Servers, Way};
pub use servers::{Server, Trust};
use sweep::Sweep;
pub use target::{Target, call_targets};

/// The calling side of the protocol: one discovery, from the first probe to the outcome.
///
/// Driven as the [crate's contract](crate) says. It begins with the first
/// [`handle_timeout`](Self::handle_timeout), and is over when [`outcome`](Self::outcome) is `Some`.
#[derive(Debug)]
pub struct Discovery {
    config: DiscoveryConfig,
    own_addresses: Vec<IpAddr>,
    start: Instant,
    schedule: Schedule,
    targets: Vec<Target>,
    sweep: Sweep,
    transmits: VecDeque<Transmit>,
    servers: Servers,
    tally: Tally,
    settle: Settle,
    ended: Option<(Ended, Duration)>,
}

/// What has been counted so far.
#[derive(Debug, Default)]
struct Tally {
    answers: u64,
    refusals: Refusals,
    kernel_drops: u64,
    drops_before_round: u64,
}

/// When to look next whether this is enough.
#[derive(Debug, Default)]
struct Settle {
    check_at: Option<Instant>,
    slowest: Duration,
}

/// What a [`Discovery`] tells its driver.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiscoveryEvent {
    /// A server was heard for the first time.
    Found(Server),
}

impl Discovery {
    /// The least time without news after which it may be enough.
    const QUIET: Duration = Duration::from_millis(250);
    /// The most, shorter than the pause between two rounds: a longer window would begin anew with
    /// each round and never end.
    const QUIET_MAX: Duration = Duration::from_millis(750);
    /// The most servers that may be missing when it is enough.
    const UNSEEN_MAX: f64 = 0.1;

    /// A discovery that calls `targets` in each round, and sweeps beside them as `config` says.
    ///
    /// `interfaces` tell which sources are this host itself. `seed` is for the jitter; `now` is
    /// the start, from which the timeout counts.
    ///
    /// # Errors
    /// What in `config` cannot work.
    pub fn new(
        config: DiscoveryConfig,
        targets: Vec<Target>,
        interfaces: &[Interface],
        seed: u64,
        now: Instant,
    ) -> Result<Self, ConfigError> {
        config.check(targets.len())?;
        Ok(Self {
            own_addresses: own_addresses(interfaces),
            start: now,
            schedule: Schedule::new(&config, Pcg32::seed_from_u64(seed), now),
            sweep: Sweep::new(&config, now),
            targets,
            transmits: VecDeque::new(),
            servers: Servers::default(),
            tally: Tally::default(),
            settle: Settle::default(),
            ended: None,
            config,
        })
    }

    /// Takes note of the host's interfaces as they are now, and of whom to call from the next round
    /// on. Targets beyond [`limits::TARGETS_MAX`] are left out.
    pub fn handle_interfaces(&mut self, interfaces: &[Interface], mut targets: Vec<Target>) {
        if self.ended.is_some() {
            return;
        }
        targets.truncate(limits::TARGETS_MAX);
        self.own_addresses = own_addresses(interfaces);
        self.targets = targets;
    }

    fn deadline(&self) -> Instant {
        self.start + self.config.timeout
    }

    /// Does what is due at `now`: a round of probes, the next addresses of a sweep, the end.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.ended.is_some() {
            return;
        }
        if now >= self.deadline() {
            return self.end(Ended::Deadline, now);
        }
        if self.settle.check_at.is_some_and(|at| at <= now) {
            self.settle.check_at = None;
            if self.is_settled() {
                return self.end(Ended::Settled, now);
            }
        }
        if self.schedule.is_due(now) {
            self.schedule.begin_round(now);
            self.tally.drops_before_round = self.tally.kernel_drops;
            let probe = self.config.classic.probe();
            self.transmits.extend(self.targets.iter().map(|target| target.call(probe.clone())));
            self.look_again_after(now);
        }
        let mut pass_is_through = false;
        self.transmits.extend(self.sweep.advance(now, &mut pass_is_through));
        if pass_is_through {
            self.look_again_after(now);
        }
    }

    /// Takes one datagram: an answer, or something to be counted as none.
    pub fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        if self.ended.is_some() {
            return;
        }
        if now >= self.deadline() {
            return self.end(Ended::Deadline, now);
        }
        match self.take(now, datagram) {
            Ok(Heard::First) => {
                self.tally.answers += 1;
                self.look_again_after(now);
                if self.config.wait == Wait::First {
                    self.end(Ended::First, now);
                }
            }
            Ok(Heard::Again) => self.tally.answers += 1,
            Err(refusal) => self.tally.refusals.count(refusal),
        }
    }

    fn take(&mut self, now: Instant, datagram: &Datagram<'_>) -> Result<Heard, AnswerRefusal> {
        let SocketAddr::V4(source) = datagram.source else {
            return Err(AnswerRefusal::Source);
        };
        let nobody = source.ip().is_unspecified() || source.ip().is_multicast();
        if source.port() == 0 || nobody || source.ip().is_broadcast() {
            return Err(AnswerRefusal::Source);
        }
        let answer =
            self.config.classic.decode_answer(datagram.payload).map_err(|error| match error {
                AnswerError::Foreign if datagram.payload == self.config.classic.probe() => {
                    AnswerRefusal::Probe
                }
                other => AnswerRefusal::Malformed(other),
            })?;
        let (way, round, called_at) = self.called(source);
        let rtt = now.saturating_duration_since(called_at);
        self.settle.slowest = self.settle.slowest.max(rtt);
        let mut server = Server {
            ip: answer.ip.into(),
            port: answer.port.unwrap_or(DEFAULT_SERVICE_PORT),
            source: datagram.source,
            interface: datagram.interface,
            raw: Vec::new(),
            rtt,
            trust: Trust::None,
            claimed: None,
        };
        let from_this_host = self.own_addresses.contains(&datagram.source.ip());
        server.judge(answer.ip, *source.ip(), from_this_host);
        self.servers.hear(server, datagram.payload, way, round)
    }

    /// How, in which round, and when `source` was called last. Who is swept counts as called by the
    /// sweep, unless it is a target by name too.
    fn called(&self, source: SocketAddrV4) -> (Way, u32, Instant) {
        let address = *source.ip();
        let is_target = || self.targets.iter().any(|t| *t.destination.ip() == address);
        if self.sweep.covers(address) && !is_target() {
            (Way::Sweep, self.sweep.pass(), self.sweep.called_at(address))
        } else {
            (Way::Targets, self.schedule.rounds(), self.schedule.round_began())
        }
    }

    /// Takes the kernel's count of datagrams that it dropped for want of buffer space since the
    /// socket was opened; also after the end, for what was dropped shortly before.
    pub fn handle_drops(&mut self, total: u64) {
        self.tally.kernel_drops = self.tally.kernel_drops.max(total);
    }

    /// Ends it early, at somebody's wish.
    pub fn stop(&mut self, now: Instant) {
        if self.ended.is_none() {
            self.end(Ended::Stopped, now);
        }
    }

    fn end(&mut self, how: Ended, now: Instant) {
        self.transmits.clear();
        self.ended = Some((how, now.saturating_duration_since(self.start)));
    }

    fn look_again_after(&mut self, now: Instant) {
        let window = (self.settle.slowest * 2).clamp(Self::QUIET, Self::QUIET_MAX);
        self.settle.check_at = (self.config.wait == Wait::Settled).then(|| now + window);
    }

    fn is_settled(&self) -> bool {
        let enough =
            |way, rounds| rounds >= if self.servers.anyone_missed(way, rounds) { 4 } else { 3 };
        let lost_just_now = self.tally.kernel_drops > self.tally.drops_before_round;
        let called_enough = (self.targets.is_empty()
            || enough(Way::Targets, self.schedule.rounds()))
            && (!self.sweep.is_wanted() || enough(Way::Sweep, self.sweep.completed()));
        let estimate = self.estimate(self.schedule.rounds());
        !self.servers.is_empty()
            && !lost_just_now
            && called_enough
            && estimate.is_some_and(|estimate| estimate.unseen < Self::UNSEEN_MAX)
    }

    /// How many servers were probably not heard, from how often the others were in the first
    /// `rounds` rounds and the passes that are through; `None` when those are too few to tell.
    fn estimate(&self, rounds: u32) -> Option<Estimate> {
        let targets = || self.servers.estimate(Way::Targets, rounds);
        let sweep = || self.servers.estimate(Way::Sweep, self.sweep.completed());
        match (!self.targets.is_empty(), self.sweep.is_wanted()) {
            (_, false) => targets(),
            (false, true) => sweep(),
            (true, true) => Some(targets()?.and(sweep()?)),
        }
    }

    /// The rounds whose answers had time to arrive before `now`.
    fn rounds_heard_out(&self, now: Instant) -> u32 {
        let age = now.saturating_duration_since(self.schedule.round_began());
        let window = (self.settle.slowest * 2).clamp(Duration::ZERO, Self::QUIET);
        self.schedule.rounds() - u32::from(age < window && self.schedule.rounds() > 0)
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next thing to tell.
    pub fn poll_event(&mut self) -> Option<DiscoveryEvent> {
        self.servers.poll_found().map(DiscoveryEvent::Found)
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) next; `None` once it is over.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.ended.is_some() {
            return None;
        }
        let timers = [self.sweep.next_at(), self.settle.check_at, Some(self.deadline())];
        Some(timers.into_iter().flatten().fold(self.schedule.next_round(), Instant::min))
    }

    /// The servers heard so far, in the order in which they were first heard.
    pub fn servers(&self) -> &[Server] {
        self.servers.as_slice()
    }

    /// How it ended and how complete it believes to be; `None` while it goes on.
    pub fn outcome(&self) -> Option<Outcome> {
        let (ended, elapsed) = self.ended?;
        Some(Outcome {
            ended,
            elapsed,
            rounds: self.schedule.rounds(),
            servers: self.servers.as_slice().len(),
            answers: self.tally.answers,
            refusals: self.tally.refusals,
            kernel_drops: self.tally.kernel_drops,
            estimate: self.estimate(self.rounds_heard_out(self.start + elapsed)),
            truncated: self.tally.refusals.count_of(AnswerRefusal::TableFull) > 0,
        })
    }
}

fn own_addresses(interfaces: &[Interface]) -> Vec<IpAddr> {
    interfaces.iter().flat_map(|i| i.addresses.iter().map(ipnet::IpNet::addr)).collect()
}

const _: () = assert!(limits::RESULTS_MAX > 10_000);

#[cfg(test)]
mod tests;
