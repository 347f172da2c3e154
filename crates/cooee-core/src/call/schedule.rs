//! When the rounds of probes begin.

use std::time::{Duration, Instant};

use rand::RngExt;
use rand_pcg::Pcg32;

/// The instants at which rounds begin. Two schedules with the same seed begin theirs together.
#[derive(Debug)]
pub(super) struct Schedule {
    rng: Pcg32,
    /// By how much the gaps are shortened to fit the promised rounds into a short timeout.
    scale: f64,
    promised_rounds: u32,
    /// Rounds in which nobody was called count here, and in nothing else.
    turns: u32,
    begun: Vec<Instant>,
    next_round: Instant,
}

/// The gap after each of the first rounds; later ones are [`STEADY_GAP`] apart.
const FIRST_GAPS: [Duration; 3] =
    [Duration::from_millis(150), Duration::from_millis(300), Duration::from_millis(600)];
const STEADY_GAP: Duration = Duration::from_secs(1);
/// Shorter gaps, which a timeout of nanoseconds gives, would be none: a timer must move on.
const LEAST_GAP: Duration = Duration::from_nanos(1);
/// Gaps vary by this much either way, so that clients started together drift apart.
const JITTER: f64 = 0.2;
/// The part of the timeout within which the promised rounds begin, before jitter. What remains is
/// for the last answers.
const PROMISED_WITHIN: f64 = 0.7;

fn gap_after(round: u32) -> Duration {
    FIRST_GAPS.get(round as usize - 1).copied().unwrap_or(STEADY_GAP)
}

impl Schedule {
    /// Rounds from `now` on, of which the first `1 + retries` fit into `timeout`.
    pub(super) fn new(retries: u32, timeout: Duration, rng: Pcg32, now: Instant) -> Self {
        let promised_rounds = 1 + retries;
        let natural: Duration = (1..promised_rounds).map(gap_after).sum();
        let room = timeout.mul_f64(PROMISED_WITHIN);
        let scale = if natural > room { room.div_duration_f64(natural) } else { 1.0 };
        Self { rng, scale, promised_rounds, turns: 0, begun: Vec::new(), next_round: now }
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.next_round <= now
    }

    /// Begins the round that is due; it counts if `calls` says that somebody is called.
    pub(super) fn begin_round(&mut self, now: Instant, calls: bool) {
        self.turns += 1;
        if calls {
            self.begun.push(now);
        }
        let jitter = self.rng.random_range(1.0 - JITTER..=1.0 + JITTER);
        let gap = if self.turns < self.promised_rounds {
            gap_after(self.turns).mul_f64(self.scale)
        } else {
            // Whoever wants fewer rounds gets no more before it may be enough.
            STEADY_GAP
        };
        self.next_round = now + gap.mul_f64(jitter).max(LEAST_GAP);
    }

    /// How many rounds have begun.
    pub(super) fn turns(&self) -> u32 {
        self.turns
    }

    /// How many rounds have begun in which somebody was called.
    pub(super) fn rounds(&self) -> u32 {
        self.begun.len() as u32
    }

    /// When each of them began.
    pub(super) fn begun(&self) -> &[Instant] {
        &self.begun
    }

    pub(super) fn next_round(&self) -> Instant {
        self.next_round
    }
}
