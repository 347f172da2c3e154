//! Phrases and figures that several verbs print.

use std::time::Duration;

use cooee::Stats;

/// `1 server`, `2 servers`.
pub(crate) fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// `65,536`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// `a, b and c`; of more than five, the first three and how many more there are.
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        _ if items.len() > 5 => format!("{} and {} more", items[..3].join(", "), items.len() - 3),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Whole seconds, rounded up, as the command line takes them: `4m23s`.
pub(crate) fn rough_time(time: Duration) -> String {
    let seconds = Duration::from_secs(time.as_secs_f64().ceil() as u64);
    humantime::format_duration(seconds).to_string().replace(' ', "")
}

/// `answered 12, refused 3 (2 prefix, 1 empty)`, and any failures.
pub(crate) fn counts(stats: &Stats) -> String {
    let counters = &stats.counters;
    let answered = counters.answers - stats.send_failures;
    let mut line = format!("answered {answered}, refused {}", counters.refused_in_all());
    let reasons: Vec<_> =
        counters.refusals().map(|(why, times)| format!("{times} {}", why.as_str())).collect();
    if !reasons.is_empty() {
        line += &format!(" ({})", reasons.join(", "));
    }
    for (times, what) in [
        (counters.held_back, "held back"),
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
    fn lists_numbers_and_times() {
        let names = |n: usize| (1..=n).map(|n| format!("h{n}")).collect::<Vec<_>>();
        assert_eq!(listed(&names(1)), "h1");
        assert_eq!(listed(&names(3)), "h1, h2 and h3");
        assert_eq!(listed(&names(9)), "h1, h2, h3 and 6 more");
        assert_eq!((grouped(999), grouped(65_536)), ("999".into(), "65,536".into()));
        assert_eq!(rough_time(Duration::from_secs_f64(262.1)), "4m23s");
    }

    #[test]
    fn milliseconds_have_three_decimals() {
        assert_eq!(milliseconds(Duration::from_nanos(1_234_567)), 1.235);
        assert_eq!(milliseconds(Duration::ZERO), 0.0);
    }
}
