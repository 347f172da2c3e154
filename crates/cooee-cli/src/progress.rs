//! The progress line of a discovery on a terminal.

use std::time::{Duration, Instant};

use cooee::Swept;
use indicatif::{ProgressBar, ProgressStyle};

use crate::console::Drawn;
use crate::phrase::grouped;

/// A line that shows how many servers were found, and the time left.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Messages stand above it.
    _drawn: Drawn,
}

impl Progress {
    /// How often to redraw.
    pub(crate) const EVERY: Duration = Duration::from_millis(100);

    pub(crate) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        Self { _drawn: Drawn::bar(&bar), bar }
    }

    /// Shows how many servers were found, how far a sweep came, and the time left until `end` at
    /// the latest.
    pub(crate) fn tick(&self, found: usize, swept: Option<Swept>, end: Instant) {
        let latest = end.saturating_duration_since(Instant::now());
        self.bar.set_message(line(found, swept, latest));
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

fn line(found: usize, swept: Option<Swept>, latest: Duration) -> String {
    let done = |swept: &Swept| swept.called + swept.refused;
    match swept.filter(|swept| done(swept) < swept.of) {
        Some(swept) => {
            let part = 1.0 - done(&swept) as f64 / swept.of as f64;
            let left = (swept.takes().mul_f64(part)).min(latest).as_secs_f64();
            let (called, of) = (grouped(swept.called), grouped(swept.of));
            format!(
                "searching: {found} found, {called} of {of} addresses called, about {left:.0} s left"
            )
        }
        None => format!("searching: {found} found, at most {:.0} s left", latest.as_secs_f64()),
    }
}
