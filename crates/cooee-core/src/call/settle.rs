//! When it is enough.

use std::time::{Duration, Instant};

use super::attendance::Attendance;
use super::estimate::Estimate;
use super::rung::Rung;
use super::servers::Servers;
use super::via::Via;
use crate::{DiscoveryConfig, Wait};

/// What has to be so before a discovery ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rule {
    /// The rounds that have been made.
    rounds: u32,
    /// The same where a server was not heard in one of them.
    rounds_if_missed: u32,
    /// The time since the start.
    least: Duration,
    /// The same where an answer was lost, or a server took long: others may take as long again. An
    /// address that is asked for by ARP in vain is asked for again a second later.
    least_in_doubt: Duration,
    /// The same where much is lost: all three requests of ARP may be.
    least_on_loss: Duration,
    /// The time since the last news where a server took long.
    quiet_after_late: Duration,
    /// The time without news, and at the most: a longer one would begin anew with each round, and
    /// never end.
    quiet: Duration,
    quiet_max: Duration,
}

impl Rule {
    fn of(config: &DiscoveryConfig) -> Option<Self> {
        let promised = 1 + config.retries;
        let quiet_max = Duration::from_millis(750);
        match config.wait {
            Wait::First | Wait::Full => None,
            Wait::Quick => Some(Self {
                rounds: promised.min(3),
                rounds_if_missed: promised.min(4),
                least: Duration::ZERO,
                least_in_doubt: Duration::ZERO,
                least_on_loss: Duration::ZERO,
                quiet_after_late: Duration::ZERO,
                quiet: Duration::from_millis(250),
                quiet_max,
            }),
            Wait::Settled => {
                // Fewer rounds than four promise nothing of the late and the lost.
                let ms = |ms| Duration::from_millis(if promised < 4 { 0 } else { ms });
                Some(Self {
                    rounds: promised,
                    rounds_if_missed: promised,
                    least: ms(1500),
                    least_in_doubt: ms(2500),
                    least_on_loss: ms(3250),
                    quiet_after_late: ms(1100),
                    quiet: Duration::from_millis(500),
                    quiet_max,
                })
            }
        }
    }
}

/// Decides when it is enough, and when to look next whether it is.
#[derive(Debug)]
pub(super) struct Settle {
    rule: Option<Rule>,
    start: Instant,
    check_at: Option<Instant>,
    slowest: Duration,
    last_news: Instant,
    kernel_drops: u64,
    drops_before_round: u64,
}

impl Settle {
    /// The most servers that may be missing when it is enough.
    const UNSEEN_MAX: f64 = 0.1;
    /// Where a smaller part of the answers arrives, much is lost.
    const HEAVY_LOSS: f64 = 0.9;
    /// The rounds below which nothing can be estimated.
    const ESTIMATE_FROM: u32 = 2;
    /// The longest that a round whose answers are out is given by an estimate.
    const HEARD_OUT: Duration = Duration::from_millis(250);

    pub(super) fn new(config: &DiscoveryConfig, start: Instant) -> Self {
        Self {
            rule: Rule::of(config),
            start,
            check_at: None,
            slowest: Duration::ZERO,
            last_news: start,
            kernel_drops: 0,
            drops_before_round: 0,
        }
    }

    /// Takes note that a round began, or a pass ended.
    pub(super) fn note_round(&mut self, now: Instant) {
        self.drops_before_round = self.kernel_drops;
        self.look_again_after(now);
    }

    /// Takes note of a new server, which took up to `delay` to answer.
    pub(super) fn note_news(&mut self, now: Instant, delay: Duration) {
        self.slowest = self.slowest.max(delay);
        self.last_news = now;
        self.look_again_after(now);
    }

    /// Takes the kernel's count of datagrams that it dropped.
    pub(super) fn note_drops(&mut self, total: u64) {
        self.kernel_drops = self.kernel_drops.max(total);
    }

    pub(super) fn kernel_drops(&self) -> u64 {
        self.kernel_drops
    }

    fn look_again_after(&mut self, now: Instant) {
        self.check_at = self.rule.map(|rule| {
            let quiet = (self.slowest * 2).clamp(rule.quiet, rule.quiet_max);
            (now + quiet).max(self.start + rule.least)
        });
    }

    /// Looks again, for something was heard that may be all that was missing: at once where nobody
    /// else is expected, else not before it has been quiet.
    pub(super) fn look_again(&mut self, now: Instant, rungs: &[Rung]) {
        if self.rule.is_some() {
            let waits_for_others = !rungs.iter().all(Rung::expects_nobody_else);
            self.check_at = match self.check_at {
                Some(at) if waits_for_others => Some(at),
                at => Some(at.map_or(now, |at| at.min(now))),
            };
        }
    }

    pub(super) fn check_at(&self) -> Option<Instant> {
        self.check_at
    }

    /// Whether it is time to look, and enough.
    pub(super) fn is_over(&mut self, now: Instant, rungs: &[Rung], servers: &Servers) -> bool {
        let Some(rule) = self.rule.filter(|_| self.check_at.is_some_and(|at| at <= now)) else {
            return false;
        };
        self.check_at = None;
        let nobody_else = rungs.iter().all(Rung::expects_nobody_else);
        if servers.are_unheard(rungs.iter().any(|rung| rung.via != Via::Mdns)) {
            return nobody_else;
        }
        let not_before = self.not_before(rule, rungs, servers);
        if now < not_before {
            self.check_at = Some(not_before);
            return false;
        }
        let dropped_just_now = self.kernel_drops > self.drops_before_round;
        !dropped_just_now
            && rungs.iter().all(|rung| Self::has_called_enough(rung, rule, servers))
            && Self::hardly_anybody_is_missing(rule, rungs, servers)
    }

    /// The earliest end, for what the answers say of the network.
    fn not_before(&self, rule: Rule, rungs: &[Rung], servers: &Servers) -> Instant {
        let (mut arrived, mut expected) = (0, 0);
        for rung in rungs {
            let (rounds, doubled) = (rung.plan.completed(), rung.plan.doubled_rounds());
            let (of_rung, of) = servers.answered(rung.id, rounds, doubled);
            (arrived, expected) = (arrived + of_rung, expected + of);
        }
        let least = if (arrived as f64) < expected as f64 * Self::HEAVY_LOSS {
            rule.least_on_loss
        } else if arrived < expected || self.slowest >= Attendance::LATE {
            rule.least_in_doubt
        } else {
            rule.least
        };
        let is_late = self.slowest >= Attendance::LATE;
        let quiet = if is_late { rule.quiet_after_late } else { Duration::ZERO };
        (self.start + least).max(self.last_news + quiet)
    }

    fn has_called_enough(rung: &Rung, rule: Rule, servers: &Servers) -> bool {
        let missed = servers.anyone_missed(rung.id, rung.plan.completed());
        rung.has_called_enough(if missed { rule.rounds_if_missed } else { rule.rounds })
    }

    fn hardly_anybody_is_missing(rule: Rule, rungs: &[Rung], servers: &Servers) -> bool {
        match estimate(rungs, servers, |rung| rung.plan.completed()) {
            Some(estimate) => estimate.unseen < Self::UNSEEN_MAX,
            None => rule.rounds < Self::ESTIMATE_FROM,
        }
    }

    /// How many servers were not heard in the rounds whose answers had time to arrive.
    pub(super) fn estimate_at(
        &self,
        end: Instant,
        rungs: &[Rung],
        servers: &Servers,
    ) -> Option<Estimate> {
        let window = (self.slowest * 2).min(Self::HEARD_OUT);
        estimate(rungs, servers, |rung| rung.plan.heard_out(end, window))
    }
}

/// The estimate for all rungs together, each with so many of its rounds; `None` when those are too
/// few to tell.
fn estimate(rungs: &[Rung], servers: &Servers, rounds: impl Fn(&Rung) -> u32) -> Option<Estimate> {
    rungs.iter().try_fold(Estimate::NOBODY, |sum, rung| {
        let population = || servers.estimate(rung.id, rounds(rung));
        Some(sum.and(rung.estimate(population)?))
    })
}
