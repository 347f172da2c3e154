//! What moves on a terminal while a discovery goes on.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// A line that says how many were found and how long it may still take.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    end: Instant,
}

impl Progress {
    /// How often it moves.
    pub(crate) const EVERY: Duration = Duration::from_millis(100);

    pub(crate) fn new(timeout: Duration) -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        Self { bar, end: Instant::now() + timeout }
    }

    pub(crate) fn tick(&self, found: usize) {
        let left = self.end.saturating_duration_since(Instant::now()).as_secs_f64();
        self.bar.set_message(format!("calling: {found} found, at most {left:.0} s left"));
        self.bar.tick();
    }

    /// Does `work`, which writes to the terminal, while the line is out of the way.
    pub(crate) fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.bar.suspend(work)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
