//! The calling side: when to call again, what was heard, when it is enough.

mod estimate;
mod outcome;
mod round;
mod schedule;
mod servers;
mod target;

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;

use crate::interface::Interface;
use crate::wire::classic::{AnswerError, DEFAULT_SERVICE_PORT};
use crate::{ConfigError, Datagram, DiscoveryConfig, Transmit, Wait, limits};
pub use estimate::Estimate;
pub use outcome::{AnswerRefusal, Ended, Outcome, Refusals};
use round::Round;
use schedule::Schedule;
use servers::{Heard, Servers};
pub use servers::{Server, Trust};
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
    round: Round,
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

    /// A discovery that calls `targets` in each round, then sweeps as `config` says.
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
            own_addresses: interfaces
                .iter()
                .flat_map(|i| i.addresses.iter().map(ipnet::IpNet::addr))
                .collect(),
            start: now,
            schedule: Schedule::new(&config, Pcg32::seed_from_u64(seed), now),
            round: Round::new(&config, targets),
            servers: Servers::default(),
            tally: Tally::default(),
            settle: Settle::default(),
            ended: None,
            config,
        })
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
        if self.round.is_complete() && self.schedule.is_due(now) {
            self.schedule.begin_round(now);
            self.round.begin();
            self.tally.drops_before_round = self.tally.kernel_drops;
        }
        if self.round.advance(now) {
            self.schedule.round_completed(now);
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
        let rtt = now.saturating_duration_since(self.schedule.round_began());
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
        self.servers.hear(server, datagram.payload, self.schedule.rounds())
    }

    /// Takes the kernel's count of datagrams that it dropped for want of buffer space since the
    /// socket was opened.
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
        self.round.abandon();
        self.ended = Some((how, now.saturating_duration_since(self.start)));
    }

    fn look_again_after(&mut self, now: Instant) {
        let window = (self.settle.slowest * 2).clamp(Self::QUIET, Self::QUIET_MAX);
        self.settle.check_at = (self.config.wait == Wait::Settled).then(|| now + window);
    }

    fn is_settled(&self) -> bool {
        let rounds = self.schedule.rounds();
        let needed = if self.servers.anyone_missed(rounds) { 4 } else { 3 };
        let lost_just_now = self.tally.kernel_drops > self.tally.drops_before_round;
        !self.servers.is_empty()
            && self.round.is_complete()
            && !lost_just_now
            && rounds >= needed
            && self.estimate().unseen < Self::UNSEEN_MAX
    }

    /// How many servers were probably not heard, from how often the others were.
    pub fn estimate(&self) -> Estimate {
        self.servers.estimate(self.schedule.rounds())
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.round.poll_transmit()
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
        let next_probe = self.round.next_address_at().unwrap_or(self.schedule.next_round());
        let next = self.settle.check_at.map_or(next_probe, |check| check.min(next_probe));
        Some(next.min(self.deadline()))
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
            estimate: self.estimate(),
            truncated: self.tally.refusals.count_of(AnswerRefusal::TableFull) > 0,
        })
    }
}

const _: () = assert!(limits::RESULTS_MAX > 10_000);

#[cfg(test)]
mod tests;
