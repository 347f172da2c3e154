//! How far a scenario goes, and the table of what it measured.

use std::fmt::Debug;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::time::Duration;

/// Set by `cargo xtask soak`: the file that figures are appended to.
const FIGURES: &str = "COOEE_SOAK_FIGURES";

/// Set by `cargo xtask soak`: for how many minutes the mixed load goes on.
const MINUTES: &str = "COOEE_SOAK_MINUTES";

/// A little for every run of the lab, or all of it for `cargo xtask soak`.
pub(super) fn short_or_long<T>(short: T, long: T) -> T {
    if is_long() { long } else { short }
}

pub(super) fn is_long() -> bool {
    std::env::var_os(FIGURES).is_some()
}

/// How long the mixed load goes on.
pub(super) fn soak_time() -> Duration {
    let minutes = std::env::var(MINUTES).ok().filter(|_| is_long());
    let seconds = minutes.map(|minutes| 60.0 * minutes.parse::<f64>().unwrap());
    Duration::from_secs_f64(seconds.unwrap_or(10.0))
}

/// Notes a figure for the table. Tests capture what is printed, but not what is written.
pub(super) fn note(scenario: &str, what: &str, measured: impl Debug) {
    record(scenario, what, "", &measured, "");
}

fn record(scenario: &str, what: &str, wanted: &str, measured: &impl Debug, verdict: &str) {
    let Some(file) = std::env::var_os(FIGURES) else { return };
    let mut file = OpenOptions::new().append(true).create(true).open(file).unwrap();
    writeln!(file, "{scenario}\t{what}\t{wanted}\t{measured:.2?}\t{verdict}").unwrap();
}

/// Says on the terminal how a long scenario goes.
pub(super) fn progress(line: impl std::fmt::Display) {
    if is_long() {
        // Nobody may be there to read it.
        let _ = writeln!(io::stderr(), "{line}");
    }
}

pub(super) fn at_most<T: Debug + PartialOrd>(scenario: &str, what: &str, limit: T, measured: T) {
    judge(scenario, what, &format!("<= {limit:?}"), &measured, measured <= limit);
}

pub(super) fn at_least<T: Debug + PartialOrd>(scenario: &str, what: &str, limit: T, measured: T) {
    judge(scenario, what, &format!(">= {limit:?}"), &measured, measured >= limit);
}

pub(super) fn exactly<T: Debug + PartialEq>(scenario: &str, what: &str, wanted: T, measured: T) {
    judge(scenario, what, &format!("{wanted:?}"), &measured, measured == wanted);
}

fn judge(scenario: &str, what: &str, wanted: &str, measured: &impl Debug, holds: bool) {
    record(scenario, what, wanted, measured, if holds { "ok" } else { "FAILED" });
    assert!(holds, "{scenario}: {what}: {measured:?}, not {wanted}");
}
