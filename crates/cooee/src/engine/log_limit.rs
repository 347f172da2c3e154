use std::time::{Duration, Instant};

/// Lets one line through every ten seconds, and counts what it holds back.
#[derive(Debug, Default)]
pub(crate) struct LogLimit {
    last: Option<Instant>,
    held_back: u64,
}

impl LogLimit {
    const EVERY: Duration = Duration::from_secs(10);

    /// Whether to log now; if so, how many lines were held back since the last.
    pub(crate) fn admit(&mut self, now: Instant) -> Option<u64> {
        let due = self.last.is_none_or(|last| now.saturating_duration_since(last) >= Self::EVERY);
        if due {
            self.last = Some(now);
            Some(std::mem::take(&mut self.held_back))
        } else {
            self.held_back += 1;
            None
        }
    }
}

/// The lines of a responder that may come often, each with a limit of its own.
#[derive(Debug, Default)]
pub(super) struct Logs {
    pub(super) send: LogLimit,
    pub(super) receive: LogLimit,
    pub(super) drops: LogLimit,
    pub(super) interfaces: LogLimit,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_every_ten_seconds() {
        let start = Instant::now();
        let mut limit = LogLimit::default();
        assert_eq!(limit.admit(start), Some(0));
        for ms in 1..1000 {
            assert_eq!(limit.admit(start + Duration::from_millis(ms)), None);
        }
        assert_eq!(limit.admit(start + LogLimit::EVERY), Some(999));
    }
}
