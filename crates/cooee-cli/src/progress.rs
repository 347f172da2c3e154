//! The progress line of a discovery on a terminal.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// A line that shows how many servers were found, and the time left.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    end: Instant,
}

impl Progress {
    /// How often to redraw.
    pub(crate) const EVERY: Duration = Duration::from_millis(100);

    pub(crate) fn new(end: Instant) -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        Self { bar, end }
    }

    pub(crate) fn tick(&self, found: usize) {
        let left = self.end.saturating_duration_since(Instant::now()).as_secs_f64();
        self.bar.set_message(format!("searching: {found} found, at most {left:.0} s left"));
        self.bar.tick();
    }

    /// Hides the line during `work`, which writes to the terminal.
    pub(crate) fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.bar.suspend(work)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
