//! Work beside something that ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::netns::eventually;

/// Tells threads that work beside something when that is over.
#[derive(Debug, Default)]
pub struct Over(AtomicBool);

/// Says so when it is dropped, also by a panic: the threads would be waited for without end.
#[derive(Debug)]
pub struct SayOver<'a>(&'a Over);

impl Over {
    /// It is over when what this returns is dropped.
    pub fn when_dropped(&self) -> SayOver<'_> {
        SayOver(self)
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Does `work` again and again, with `gap` in between, until it is over.
    pub fn repeat_until(&self, gap: Duration, mut work: impl FnMut()) {
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
