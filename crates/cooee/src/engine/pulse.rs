use std::time::{Duration, Instant};

/// When a responder is to tell next that it is alive, if anybody wants to know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pulse {
    beat: Option<(Duration, Instant)>,
}

impl Pulse {
    /// A shorter one would leave no time to answer.
    const SHORTEST: Duration = Duration::from_millis(1);

    /// A pulse that begins one interval from now; none without an interval, or with one that never
    /// ends.
    pub(crate) fn new(every: Option<Duration>) -> Self {
        let every = every.map(|every| every.max(Self::SHORTEST));
        Self { beat: every.and_then(|every| Some((every, Instant::now().checked_add(every)?))) }
    }

    /// The next beat.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.beat.map(|(_, next)| next)
    }

    /// The next beat, or `until` if that is sooner.
    pub(crate) fn or_before(&self, until: Option<Instant>) -> Option<Instant> {
        self.next().into_iter().chain(until).min()
    }

    /// Whether it is time to tell. The next time is one interval after this one: beats that were
    /// missed are not made up for.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        match &mut self.beat {
            Some((every, next)) if *next <= now => {
                *next = now + *every;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn missed_beats_are_not_made_up_for() {
        let mut pulse = Pulse::new(Some(SECOND));
        let first = pulse.next().expect("it beats");
        assert!(!pulse.is_due(first - SECOND / 2));
        assert!(pulse.is_due(first + 5 * SECOND));
        assert!(!pulse.is_due(first + 5 * SECOND));
        assert_eq!(pulse.next(), Some(first + 6 * SECOND));
    }

    #[test]
    fn whichever_is_sooner() {
        let pulse = Pulse::new(Some(SECOND));
        let beat = pulse.next().expect("it beats");
        assert_eq!(pulse.or_before(None), Some(beat));
        assert_eq!(pulse.or_before(Some(beat + SECOND)), Some(beat));
        assert_eq!(pulse.or_before(Some(beat - SECOND)), Some(beat - SECOND));
    }

    #[test]
    fn without_one_nothing_beats() {
        for every in [None, Some(Duration::MAX)] {
            let mut pulse = Pulse::new(every);
            assert_eq!(pulse.or_before(None), None);
            assert!(!pulse.is_due(Instant::now() + SECOND));
        }
    }
}
