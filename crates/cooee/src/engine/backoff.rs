use std::time::Duration;

/// Pauses after an error that may come again at once, each twice as long as the one before.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    last: Duration,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(10);
    const LONGEST: Duration = Duration::from_secs(1);

    /// How long to pause after one more error.
    pub(crate) fn pause(&mut self) -> Duration {
        self.last = (self.last * 2).clamp(Self::FIRST, Self::LONGEST);
        self.last
    }

    /// Begins with the shortest pause again, since something went well.
    pub(crate) fn reset(&mut self) {
        self.last = Duration::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_second() {
        let mut backoff = Backoff::default();
        let pauses: Vec<_> = (0..9).map(|_| backoff.pause().as_millis()).collect();
        assert_eq!(pauses, [10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
        backoff.reset();
        assert_eq!(backoff.pause(), Backoff::FIRST);
    }
}
