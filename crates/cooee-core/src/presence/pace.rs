//! How long it is until the next round.

use std::time::{Duration, Instant};

use rand::RngExt;
use rand_pcg::Pcg32;

/// Fast while something happens, then slower and slower.
#[derive(Debug)]
pub(super) struct Pace {
    lively_until: Instant,
    pause: Duration,
}

impl Pace {
    /// The pause while something happens.
    pub(super) const FAST: Duration = Duration::from_secs(1);
    /// The longest pause.
    pub(super) const SLOW: Duration = Duration::from_secs(30);
    /// For how long something counts as happening.
    pub(super) const LIVELY: Duration = Duration::from_secs(30);
    /// By how much each pause is longer than the one before, when nothing happens.
    const SLOWER: f64 = 1.5;
    /// Pauses vary by this much either way, so that clients started together drift apart.
    const JITTER: f64 = 0.1;

    pub(super) fn new(now: Instant) -> Self {
        Self { lively_until: now + Self::LIVELY, pause: Self::FAST }
    }

    /// Takes note that a server came, changed, was missed or went.
    pub(super) fn quicken(&mut self, now: Instant) {
        *self = Self::new(now);
    }

    /// The pause from the beginning of a round at `now` to the next.
    pub(super) fn pause(&mut self, now: Instant, chance: &mut Pcg32) -> Duration {
        if now >= self.lively_until {
            self.pause = self.pause.mul_f64(Self::SLOWER).min(Self::SLOW);
        }
        self.pause.mul_f64(chance.random_range(1.0 - Self::JITTER..=1.0 + Self::JITTER))
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
mod tests {
    use rand_pcg::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn it_is_fast_for_half_a_minute_and_then_half_as_slow_again_up_to_half_a_minute() {
        let (start, mut chance) = (Instant::now(), Pcg32::seed_from_u64(1));
        let mut pace = Pace::new(start);
        let mut next = |at: u64| pace.pause(start + Duration::from_secs(at), &mut chance);
        let near = |is: Duration, secs: f64| (is.as_secs_f64() / secs - 1.0).abs() <= Pace::JITTER;
        assert!(near(next(0), 1.0) && near(next(29), 1.0));
        assert!(near(next(30), 1.5) && near(next(31), 2.25));
        let later = (0..20).map(|_| next(40)).last().expect("there are some");
        assert!(near(later, 30.0));
        pace.quicken(start + Duration::from_secs(50));
        assert!(near(pace.pause(start + Duration::from_secs(60), &mut chance), 1.0));
    }
}
