//! How many servers were probably not heard, from how often the others were.

/// An estimate of the servers that remain unseen.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// Servers that were probably not heard. 0 if none was heard at all, which proves nothing.
    pub unseen: f64,
    /// The share of answers that arrive, from 0 to 1; 0 if no server was heard.
    pub answer_rate: f64,
}

impl Estimate {
    /// Nobody was called.
    pub(super) const NOBODY: Self = Self { unseen: 0.0, answer_rate: 0.0 };

    /// The rounds below which nothing can be told: how often somebody answers shows only when
    /// everybody was asked twice.
    const FROM: u32 = 2;
    /// The rounds from which on Chao1 is asked too. With fewer, a single lost answer looks to it
    /// like a crowd.
    const CHAO_FROM: u32 = 4;

    /// The estimate after `rounds` rounds, given in how many of them each server was heard.
    pub(super) fn new(rounds: u32, heard: impl Iterator<Item = u32>) -> Option<Self> {
        let (mut servers, mut answers, mut once, mut twice) = (0.0, 0.0, 0.0, 0.0);
        for times in heard.filter(|&times| times > 0) {
            servers += 1.0;
            answers += f64::from(times);
            match times {
                1 => once += 1.0,
                2 => twice += 1.0,
                _ => {}
            }
        }
        if rounds < Self::FROM {
            return None;
        }
        if servers == 0.0 {
            return Some(Self { unseen: 0.0, answer_rate: 0.0 });
        }
        let answer_rate = binomial_rate(servers, answers, rounds);
        let mut unseen = servers * zero_odds(answer_rate, rounds);
        if rounds >= Self::CHAO_FROM {
            unseen = unseen.max(chao1(once, twice));
        }
        Some(Self { unseen, answer_rate })
    }

    /// The estimate for two groups of servers together. The lower rate tells more of what is lost.
    pub(super) fn and(self, other: Self) -> Self {
        let rate = match (self.answer_rate, other.answer_rate) {
            (rate, 0.0) | (0.0, rate) => rate,
            (one, two) => one.min(two),
        };
        Self { unseen: self.unseen + other.unseen, answer_rate: rate }
    }
}

/// To a whole power, and thus without the system's library of mathematics: to have that in memory
/// takes a responder 320 KiB, which never estimates.
fn raised(base: f64, power: u32) -> f64 {
    base.powi(i32::try_from(power).unwrap_or(i32::MAX))
}

/// The odds of never being heard: `(1−p)^r / (1 − (1−p)^r)`.
fn zero_odds(rate: f64, rounds: u32) -> f64 {
    let never = raised(1.0 - rate, rounds);
    never / (1.0 - never)
}

/// The maximum-likelihood rate of a zero-truncated binomial: the `p` at which the mean number of
/// answers of a server that was heard, `r·p / (1 − (1−p)^r)`, is the one observed less half an
/// answer in all. The half keeps the rate under 1 when nothing was missed.
fn binomial_rate(servers: f64, answers: f64, rounds: u32) -> f64 {
    const HALVINGS: u32 = 60;
    let r = f64::from(rounds);
    let observed = (answers - 0.5) / servers;
    let lowest = 0.5 / (servers * r);
    let (mut low, mut high) = (lowest, 1.0);
    for _ in 0..HALVINGS {
        let p = f64::midpoint(low, high);
        let mean = r * p / (1.0 - raised(1.0 - p, rounds));
        if mean < observed { low = p } else { high = p }
    }
    f64::midpoint(low, high)
}

/// Chao's lower bound on the unseen, from how many were seen once and twice; in its bias-corrected
/// form where none was seen twice.
fn chao1(once: f64, twice: f64) -> f64 {
    if twice > 0.0 { once * once / (2.0 * twice) } else { once * (once - 1.0) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unseen(rounds: u32, heard: &[(u32, usize)]) -> f64 {
        let each = heard.iter().flat_map(|&(times, n)| std::iter::repeat_n(times, n));
        Estimate::new(rounds, each).expect("enough rounds").unseen
    }

    #[test]
    fn nobody_heard_says_nothing() {
        assert_eq!(unseen(5, &[]), 0.0);
    }

    #[test]
    fn one_round_says_nothing() {
        assert_eq!(Estimate::new(1, [1, 1, 1].into_iter()), None);
        assert!(Estimate::new(2, [2, 2, 2].into_iter()).is_some());
    }

    #[test]
    fn everybody_heard_always_means_that_nobody_is_missing() {
        assert!(unseen(3, &[(3, 1)]) < 0.1);
        assert!(unseen(3, &[(3, 10_000)]) < 0.001);
    }

    #[test]
    fn a_known_rate_is_recovered() {
        // 1,000 servers at p = 1/2 over 3 rounds: 125 unheard, 375 once, 375 twice, 125 thrice.
        let heard = [(1, 375), (2, 375), (3, 125)];
        let each = heard.iter().flat_map(|&(times, n)| std::iter::repeat_n(times, n));
        let estimate = Estimate::new(3, each).expect("enough rounds");
        assert!((estimate.answer_rate - 0.5).abs() < 0.01, "{estimate:?}");
        assert!((estimate.unseen - 125.0).abs() < 2.0, "{estimate:?}");
    }

    #[test]
    fn few_answers_mean_many_unseen() {
        assert!(unseen(4, &[(1, 1)]) > 1.0);
        assert!(unseen(4, &[(1, 100)]) > 100.0);
    }

    #[test]
    fn unequal_servers_show_from_four_rounds_on() {
        // Half answer always, half hardly ever: one rate for all does not explain the ones.
        let heard = |rounds| [(rounds, 500), (1, 60), (2, 5)];
        assert!(unseen(4, &heard(4)) >= 60.0 * 60.0 / 10.0);
        assert!(unseen(3, &heard(3)) < 60.0);
    }
}
