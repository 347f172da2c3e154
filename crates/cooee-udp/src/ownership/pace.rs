use std::time::Duration;

/// How soon a port is tried for again, and how much is looked at each time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pace {
    attempts: u32,
    /// How many vigils in a row broke at once.
    broken: u32,
}

impl Pace {
    const PAUSE_MIN: Duration = Duration::from_millis(5);
    const PAUSE_MAX: Duration = Duration::from_secs(1);
    /// From this attempt on, the pause is the longest.
    const SETTLED_AT: u32 = 8;
    /// A guard that is gone sooner than this was no owner's.
    const VIGIL_MIN: Duration = Duration::from_secs(1);
    /// After so many of those in a row, the port is tried now and then instead.
    const BROKEN_MAX: u32 = 3;
    /// Once settled, who has the port is looked up in one of so many attempts: the table of
    /// sockets is long on a busy host.
    const ATTEMPTS_A_LOOK: u32 = 16;

    /// That of an attempt which follows only after the longest pause.
    pub(super) const SETTLED: Self = Self { attempts: Self::SETTLED_AT, broken: 0 };

    /// Short at first, since an owner that is going away may still be closing its sockets.
    pub(super) fn pause(self) -> Duration {
        let doubled = Self::PAUSE_MIN * (1 << self.attempts.min(Self::SETTLED_AT));
        doubled.min(Self::PAUSE_MAX)
    }

    /// Whether the kernel is trusted to tell when it is time.
    pub(super) fn may_sleep(self) -> bool {
        self.broken < Self::BROKEN_MAX
    }

    /// Whether to look up who has the port.
    pub(super) fn may_look(self) -> bool {
        !self.is_settled() || self.attempts.is_multiple_of(Self::ATTEMPTS_A_LOOK)
    }

    fn is_settled(self) -> bool {
        self.attempts >= Self::SETTLED_AT
    }

    /// That of the attempt after a pause.
    pub(super) fn after_pause(self) -> Self {
        let broken = if self.is_settled() { Self::BROKEN_MAX - 1 } else { self.broken };
        Self { attempts: self.attempts.saturating_add(1), broken: self.broken.min(broken) }
    }

    /// That of the attempt after a vigil that lasted so long.
    pub(super) fn after_vigil(self, lasted: Duration) -> Self {
        if lasted >= Self::VIGIL_MIN {
            return Self::default();
        }
        Self { attempts: self.attempts.saturating_add(1), broken: self.broken + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_second_and_stay_there() {
        let mut pace = Pace::default();
        let mut pauses = Vec::new();
        for _ in 0..30 {
            pauses.push(pace.pause().as_millis());
            pace = pace.after_pause();
        }
        assert_eq!(pauses[..9], [5, 10, 20, 40, 80, 160, 320, 640, 1000]);
        assert!(pauses[9..].iter().all(|&pause| pause == 1000), "{pauses:?}");
    }

    #[test]
    fn a_settled_pace_looks_in_one_of_sixteen_attempts() {
        let mut pace = Pace::SETTLED;
        let mut looks = 0;
        for _ in 0..160 {
            looks += u32::from(pace.may_look());
            pace = pace.after_pause();
        }
        assert_eq!(looks, 10);
    }

    #[test]
    fn vigils_that_break_at_once_are_followed_by_pauses() {
        let mut pace = Pace::default();
        let (mut waited, mut attempts) = (Duration::ZERO, 0);
        while waited < Duration::from_secs(100) {
            if pace.may_sleep() {
                pace = pace.after_vigil(Duration::ZERO);
            } else {
                waited += pace.pause();
                pace = pace.after_pause();
            }
            attempts += 1;
        }
        // The first ones follow quickly, then one vigil and one pause a second.
        assert!((200..220).contains(&attempts), "{attempts}");
    }

    #[test]
    fn a_vigil_that_lasted_starts_afresh() {
        let pace = Pace::SETTLED.after_pause().after_vigil(Duration::from_secs(2));
        assert_eq!(pace.pause(), Pace::PAUSE_MIN);
        assert!(pace.may_sleep());
    }
}
