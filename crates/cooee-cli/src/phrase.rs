//! Phrases and figures that several verbs print.

use std::time::Duration;

use cooee::Stats;

/// `1 server`, `2 servers`.
pub(crate) fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// `answered 12, refused 3 (2 prefix, 1 empty)`, and any failures.
pub(crate) fn counts(stats: &Stats) -> String {
    let counters = &stats.counters;
    let answered = counters.answered - stats.send_failures;
    let mut line = format!("answered {answered}, refused {}", counters.refused_in_all());
    let reasons: Vec<_> =
        counters.refusals().map(|(why, times)| format!("{times} {}", why.as_str())).collect();
    if !reasons.is_empty() {
        line += &format!(" ({})", reasons.join(", "));
    }
    for (times, what) in [
        (stats.kernel_drops, "dropped by the kernel"),
        (stats.send_failures, "not sent"),
        (stats.receive_failures, "not received"),
    ] {
        if times > 0 {
            line += &format!(", {times} {what}");
        }
    }
    line
}

/// Milliseconds, with three decimals.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_have_three_decimals() {
        assert_eq!(milliseconds(Duration::from_nanos(1_234_567)), 1.235);
        assert_eq!(milliseconds(Duration::ZERO), 0.0);
    }
}
