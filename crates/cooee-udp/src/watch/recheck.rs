use std::time::{Duration, Instant};

/// When to list interfaces again where nothing tells of changes: once a second of use.
#[derive(Debug)]
pub(super) struct Recheck {
    asked: Instant,
}

impl Recheck {
    const TRUSTED_FOR: Duration = Duration::from_secs(1);

    pub(super) fn new() -> Self {
        Self { asked: Instant::now() }
    }

    /// Whether the list of interfaces is old enough to be read again, which counts as done then.
    pub(super) fn is_due(&mut self) -> bool {
        let is_due = self.asked.elapsed() >= Self::TRUSTED_FOR;
        if is_due {
            self.asked = Instant::now();
        }
        is_due
    }
}
