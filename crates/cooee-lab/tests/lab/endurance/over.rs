use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cooee_lab::netns::eventually;

/// Tells threads that work beside a test when it is over.
#[derive(Default)]
pub(super) struct Over(AtomicBool);

/// Says so when it is dropped, also when the test panics: the threads would be waited for.
pub(super) struct SayOver<'a>(&'a Over);

impl Over {
    pub(super) fn when_dropped(&self) -> SayOver<'_> {
        SayOver(self)
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Does `work` again and again, with `gap` in between, until it is over.
    pub(super) fn repeat_until(&self, gap: Duration, mut work: impl FnMut()) {
        loop {
            work();
            if eventually(gap, || self.is_over().then_some(())).is_some() {
                return;
            }
        }
    }
}

impl Drop for SayOver<'_> {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}
