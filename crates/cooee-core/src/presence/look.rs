//! One look at the network: a round of probes, or several at the beginning.

use std::time::{Duration, Instant};

use super::watched::Round;
use crate::interface::Interface;
use crate::{ConfigError, DiscoveryConfig, DiscoveryEngine, Target, Wait, limits};

/// What a look is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Finding who is there: several rounds, and those calls to neighbours that a discovery makes.
    Opening,
    /// Seeing who is still there, and who is new.
    Round,
}

/// A discovery of its own, whose end is decided here.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) discovery: DiscoveryEngine,
    pub(super) kind: Kind,
    /// Counted from one.
    pub(super) round: Round,
    pub(super) begun: Instant,
    /// How many times those that are silent were looked at, to call them alone.
    steps: u32,
    /// Whether the silent servers were noted.
    pub(super) is_judged: bool,
    /// Whether those are gone that said goodbye and were silent.
    pub(super) has_parted: bool,
    /// Whether the one before was over before it was judged. Then this one is not, for else nobody would
    /// ever be missed while there is always a reason to look again.
    pub(super) follows_a_cut: bool,
    sweeps: bool,
    pub(super) kernel_drops: u64,
}

impl Look {
    /// The rounds of an opening: as many as an ordinary discovery makes, within 1.05 s.
    const ROUNDS: u32 = 4;
    /// The time that an opening takes, unless it sweeps.
    const OPENING: Duration = Duration::from_millis(1600);
    /// A server that is silent for this long is called alone, and again after the same time.
    const STEP: Duration = Duration::from_millis(250);
    /// The steps of one look: at the beginning, and three more.
    const STEPS: u32 = 4;
    /// A server that is silent for this long has missed the round.
    const ROUND: Duration = Duration::from_millis(900);

    pub(super) fn begin(
        kind: Kind,
        round: Round,
        config: &DiscoveryConfig,
        (interfaces, targets): (&[Interface], &[Target]),
        seed: u64,
        now: Instant,
    ) -> Result<Self, ConfigError> {
        let sweeps = config.sweeps();
        let rounds = if kind == Kind::Opening { Self::ROUNDS } else { 1 };
        let config = DiscoveryConfig {
            wait: Wait::Full,
            retries: rounds - 1,
            rounds: Some(rounds),
            timeout: (!sweeps).then_some(limits::TIMEOUT_MAX),
            ..config.clone()
        };
        let discovery = DiscoveryEngine::new(config, targets.to_vec(), interfaces, seed, now)?;
        Ok(Self {
            discovery,
            kind,
            round,
            begun: now,
            steps: 0,
            is_judged: false,
            has_parted: false,
            follows_a_cut: false,
            sweeps,
            kernel_drops: 0,
        })
    }

    /// When those that were not heard have missed it.
    pub(super) fn is_missed_at(&self) -> Instant {
        match self.kind {
            Kind::Opening => self.opened_at(),
            Kind::Round => self.begun + Self::ROUND,
        }
    }

    /// When an opening is over.
    pub(super) fn opened_at(&self) -> Instant {
        let at = self.begun + Self::OPENING;
        if self.sweeps { self.discovery.deadline().max(at) } else { at }
    }

    /// When those that are silent are to be called alone next.
    pub(super) fn step_at(&self) -> Option<Instant> {
        (self.steps < Self::STEPS && !self.is_judged).then(|| self.begun + Self::STEP * self.steps)
    }

    /// Takes the step that is due, if one is; returns its number, from 0.
    pub(super) fn step(&mut self, now: Instant) -> Option<u32> {
        if self.step_at().is_none_or(|at| now < at) {
            return None;
        }
        let step = self.steps;
        // A late driver calls nobody twice at once.
        while self.step_at().is_some_and(|at| at <= now) {
            self.steps += 1;
        }
        Some(step)
    }
}
