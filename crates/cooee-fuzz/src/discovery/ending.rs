use std::time::Duration;

use cooee_core::{Ended, Outcome, Wait};

use super::model::Model;

/// The shortest timeout into which every promised round fits.
const LEAST_TIMEOUT: Duration = Duration::from_millis(1);

impl Model {
    /// What an outcome says when it is over.
    pub(super) fn check_outcome(&self, outcome: &Outcome) {
        assert!(outcome.elapsed == self.now - self.start);
        assert_eq!(outcome.truncated, outcome.refusals.table_full > 0);
        assert!(outcome.servers as u64 <= outcome.answers);
        assert_eq!(outcome.rounds, self.rounds.count());
        assert!(self.config.wait != Wait::First || outcome.servers <= 1);
        self.heard.check_outcome(&self.config, outcome);
        match outcome.ended {
            Ended::First => assert!(self.config.wait == Wait::First && outcome.servers == 1),
            Ended::Settled => self.check_settled(outcome),
            Ended::Deadline => self.check_deadline(outcome),
            Ended::Stopped => {}
            other => panic!("an end without a model: {}", other.as_str()),
        }
        if let Some(estimate) = outcome.estimate {
            assert!(estimate.unseen.is_finite() && estimate.unseen >= 0.0);
            assert!((0.0..=1.0).contains(&estimate.answer_rate));
        }
    }

    fn check_settled(&self, outcome: &Outcome) {
        let retries = self.config.retries;
        let (rounds, least, quiet) = match self.config.wait {
            Wait::Quick => (retries.min(2) + 1, Duration::ZERO, Duration::from_millis(250)),
            Wait::Settled => {
                let least = if retries < 3 { Duration::ZERO } else { Duration::from_millis(1500) };
                (retries + 1, least, Duration::from_millis(500))
            }
            other => panic!("settled, where it waits for {other:?}"),
        };
        assert!(outcome.silent.is_empty(), "a host was not heard");
        assert!(self.now < self.deadline);
        assert!(outcome.estimate.is_some() || retries == 0);
        assert!(outcome.estimate.is_none_or(|estimate| estimate.unseen < 0.5));
        let calls_everybody = self.rounds.have_called_everybody();
        if !calls_everybody && !self.sweep.is_wanted() {
            return;
        }
        // Where not only those are called that are named, nobody knows who else there is.
        assert!(outcome.servers > 0);
        assert!(outcome.elapsed >= least, "after {:?}", outcome.elapsed);
        let is_quiet = |since| self.now - since >= quiet;
        assert!(self.news.is_none_or(is_quiet), "news, and it was enough");
        assert!(self.rounds.last.is_none_or(is_quiet), "a round, and it was enough");
        assert!(!calls_everybody || self.rounds.of_targets() >= rounds);
        assert!(!self.sweep.is_wanted() || self.sweep.is_through());
        assert!(!self.dropped || self.sweep.is_wanted(), "answers were lost");
    }

    fn check_deadline(&self, outcome: &Outcome) {
        let timeout = self.deadline - self.start;
        assert!(outcome.elapsed >= timeout);
        assert!(!self.punctual || outcome.elapsed == timeout, "it ended late");
        let could_keep = self.punctual && self.rounds.never_idle && timeout >= LEAST_TIMEOUT;
        let kept = outcome.rounds > self.config.retries;
        assert!(kept || !could_keep, "{} rounds", outcome.rounds);
        let has_time = self.config.timeout.is_none() && self.punctual;
        let is_through = !self.sweep.is_wanted() || self.sweep.is_through();
        assert!(is_through || !(has_time && self.sweep.undisturbed), "not swept in time");
    }
}
