//! How likely it is that a server lives that is not heard any more.

/// In how many rounds a server was heard.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attendance {
    heard: f64,
    missed: f64,
    /// Rounds since it was last heard.
    silent: u32,
}

impl Attendance {
    /// What a server is taken for that was never called: it answered four rounds, and half missed
    /// one. So six silent rounds are enough for one that was heard once.
    const BEFORE: Self = Self { heard: 4.0, missed: 0.5, silent: 0 };
    /// Rounds after which what was before counts half, since networks change.
    const REMEMBERED: f64 = 64.0;
    /// The least odds at which a server is still believed to live.
    const ODDS: f64 = 1e-3;
    /// The fewest silent rounds. The odds take losses for independent, and they come in bursts: when
    /// a host moves to another access point, or a switch is started anew.
    const SILENT: u32 = 5;
    /// The most, whatever the odds: what was known of its rate is of so long ago by then that it says nothing.
    const SILENT_AT_MOST: u32 = 512;

    /// A server that is heard for the first time.
    pub(super) fn begin() -> Self {
        let mut begun = Self::BEFORE;
        begun.hear();
        begun
    }

    /// It was heard in the current round.
    pub(super) fn hear(&mut self) {
        self.heard += 1.0;
        self.missed += f64::from(self.silent);
        self.silent = 0;
        if self.heard + self.missed > Self::REMEMBERED {
            self.heard /= 2.0;
            self.missed /= 2.0;
        }
    }

    /// It was not heard in a whole round.
    pub(super) fn miss(&mut self) {
        self.silent = self.silent.saturating_add(1);
    }

    /// The odds that a living server of this attendance is silent in so many rounds on end: those of
    /// a beta-binomial distribution, which allows for how little is known of its rate.
    pub(super) fn odds(&self) -> f64 {
        let each = (0..self.silent.min(Self::SILENT_AT_MOST)).map(|n| {
            let missed = self.missed + f64::from(n);
            missed / (self.heard + missed)
        });
        each.product()
    }

    /// Whether it has been silent for too long to be believed to live.
    pub(super) fn is_in_doubt(&self) -> bool {
        let is_unlikely = || self.silent >= Self::SILENT_AT_MOST || self.odds() < Self::ODDS;
        self.silent >= Self::SILENT && is_unlikely()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silent_rounds_after(heard: &[bool]) -> u32 {
        let mut attendance = Attendance::begin();
        heard.iter().for_each(|&heard| if heard { attendance.hear() } else { attendance.miss() });
        let before = attendance.silent;
        while !attendance.is_in_doubt() {
            attendance.miss();
        }
        attendance.silent - before
    }

    #[test]
    fn a_server_that_was_heard_once_is_in_doubt_after_six_rounds_at_the_most() {
        assert!(silent_rounds_after(&[]) <= 6);
    }

    #[test]
    fn one_that_always_answers_is_given_five_rounds_for_the_sake_of_bursts() {
        assert_eq!(silent_rounds_after(&[true; 50]), 5);
    }

    #[test]
    fn one_that_answers_every_second_round_is_given_twice_as_many() {
        let each: Vec<_> = (0..60).map(|n| n % 2 == 0).collect();
        assert!((9..=13).contains(&silent_rounds_after(&each)), "{}", silent_rounds_after(&each));
    }

    #[test]
    fn one_that_answers_ever_more_seldom_is_in_doubt_after_512_rounds() {
        let mut attendance = Attendance::begin();
        for silent in 0..600 {
            for _ in 0..silent {
                attendance.miss();
                if attendance.is_in_doubt() {
                    break;
                }
            }
            attendance.hear();
        }
        let rounds = (1..).find(|_| (attendance.miss(), attendance.is_in_doubt()).1);
        assert_eq!(rounds, Some(Attendance::SILENT_AT_MOST));
    }

    #[test]
    fn an_old_outage_is_forgotten() {
        let mut each = vec![false; 60];
        each.extend([true; 400]);
        assert_eq!(silent_rounds_after(&each), 5);
    }

    #[test]
    fn the_odds_are_those_of_the_rate_where_much_is_known() {
        let mut attendance = Attendance { heard: 3.0e6, missed: 1.0e6, silent: 0 };
        (0..5).for_each(|_| attendance.miss());
        assert!((attendance.odds() - 0.25_f64.powi(5)).abs() < 1e-6);
    }
}
