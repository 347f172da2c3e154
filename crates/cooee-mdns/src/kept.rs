//! What the library keeps of other hosts, which it gives no bound.

use cooee_core::limits;
use mdns_sd::Metrics;

/// Whether that is more than any network has.
///
/// Timers are counted apart: each hearing of a record sets two, also of one that is known, and they stay
/// until their time has come, so that a network which talks much has many for few records.
pub(crate) fn is_too_much(metrics: &Metrics) -> bool {
    let sum_of = |is_it: fn(&str) -> bool| -> i64 {
        metrics.iter().filter(|(name, _)| is_it(name)).map(|(_, count)| *count).sum()
    };
    sum_of(|name| name.starts_with("cached-")) > limits::MDNS_RECORDS_MAX as i64
        || sum_of(|name| name == "timer") > limits::MDNS_TIMERS_MAX as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(of: &[(&str, usize)]) -> Metrics {
        of.iter().map(|(name, count)| ((*name).to_owned(), *count as i64)).collect()
    }

    #[test]
    fn what_is_kept_counts_and_what_was_sent_does_not() {
        let half = limits::MDNS_RECORDS_MAX / 2;
        let most = [("cached-srv", half), ("cached-txt", half), ("respond", 4 * half)];
        assert!(!is_too_much(&metrics(&most)));
        assert!(is_too_much(&metrics(&[("cached-srv", half), ("cached-txt", half + 1)])));
    }

    #[test]
    fn a_large_network_that_talks_much_is_no_flood() {
        // 500 instances of four records, of which somebody asks every minute in the 75 minutes that they
        // are kept for.
        let records = 500 * 4;
        let network = [("cached-ptr", records), ("timer", records * 2 * 75)];
        assert!(!is_too_much(&metrics(&network)));
        assert!(is_too_much(&metrics(&[("timer", limits::MDNS_TIMERS_MAX + 1)])));
    }
}
