//! What the library tells that it keeps.

use std::time::{Duration, Instant};

use mdns_sd::{Metrics, Receiver, ServiceDaemon};

use crate::kept::is_too_much;

/// Asks the library now and then, and never waits for it: what it tells meanwhile of services fills the
/// listener's channel, and a listener whose channel is full is dropped.
pub(super) struct Account {
    asked: Option<Receiver<Metrics>>,
    at: Instant,
}

impl Account {
    /// How often the library is asked.
    const EVERY: Duration = Duration::from_secs(5);
    /// When it is looked whether it has told.
    const LOOKS_AFTER: Duration = Duration::from_millis(50);

    pub(super) fn new(now: Instant) -> Self {
        Self { asked: None, at: now + Self::EVERY }
    }

    /// When to [look](Self::is_flooded) next, if not before.
    pub(super) fn due(&self) -> Instant {
        self.at
    }

    /// Whether the library, which has no bounds of its own, keeps more than any network has, as far as it has
    /// told.
    pub(super) fn is_flooded(&mut self, now: Instant, daemon: &ServiceDaemon) -> bool {
        let told = self.asked.as_ref().and_then(|asked| asked.try_recv().ok());
        if let Some(told) = told {
            self.asked = None;
            self.at = now + Self::EVERY;
            return is_too_much(&told);
        }
        if self.at <= now {
            // One that is too busy to tell is not asked again meanwhile.
            self.asked = self.asked.take().or_else(|| daemon.get_metrics().ok());
            self.at = now + Self::LOOKS_AFTER;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::stuck::Stuck;

    #[test]
    fn it_does_not_wait_for_a_library_that_is_busy() {
        let daemon = ServiceDaemon::new().unwrap();
        let stuck = Stuck::new(&daemon);
        let began = Instant::now();
        let mut account = Account::new(began);
        for _ in 0..3 {
            let due = account.due();
            assert!(!account.is_flooded(due, &daemon));
        }
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        assert!(account.due() > began + Account::EVERY + Account::LOOKS_AFTER);
        drop(stuck);
        let deadline = began + Duration::from_secs(20);
        while account.asked.is_some() {
            assert!(Instant::now() < deadline);
            assert!(!account.is_flooded(began, &daemon));
            thread::yield_now();
        }
        assert_eq!(account.due(), began + Account::EVERY);
        daemon.shutdown().unwrap();
    }
}
