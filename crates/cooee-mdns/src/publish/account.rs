//! What the library keeps of other hosts, which it gives no bound.

use cooee_core::limits;
use mdns_sd::{Metrics, Receiver, ServiceDaemon};

/// Asks one daemon how much it keeps, without waiting for it.
#[derive(Default)]
pub(super) struct Account {
    asked: Option<Receiver<Metrics>>,
}

impl Account {
    pub(super) fn ask(&mut self, daemon: &ServiceDaemon) {
        // One that is too busy to tell is not asked again meanwhile.
        if self.asked.is_none() {
            self.asked = daemon.get_metrics().ok();
        }
    }

    /// Whether it has told since that it keeps more than any network has.
    pub(super) fn is_over(&mut self) -> bool {
        let told = self.asked.as_ref().and_then(|asked| asked.try_recv().ok());
        self.asked.take_if(|_| told.is_some());
        told.is_some_and(|told| is_too_much(&told))
    }
}

/// Each record that is heard sets timers, also one that is known.
fn is_too_much(metrics: &Metrics) -> bool {
    let is_kept = |name: &str| name.starts_with("cached-") || name == "timer";
    let kept = metrics.iter().filter(|(name, _)| is_kept(name)).map(|(_, count)| *count);
    kept.sum::<i64>() > limits::MDNS_RECORDS_MAX as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_counts_and_what_was_sent_does_not() {
        let half = limits::MDNS_RECORDS_MAX as i64 / 2;
        let metrics = |of: &[(&str, i64)]| -> Metrics {
            of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
        };
        let most = [("cached-srv", half), ("timer", half), ("respond", 2 * half)];
        assert!(!is_too_much(&metrics(&most)));
        assert!(is_too_much(&metrics(&[("cached-srv", half), ("cached-txt", 1), ("timer", half)])));
    }
}
