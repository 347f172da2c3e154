//! The figures that are times, each measured several times in one run: `cargo xtask bench`.
//!
//! Absolute times belong to the machine; the ratios are what compares.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
#[path = "../../tests/lab/crowd_server.rs"]
mod crowd_server;
#[allow(dead_code)]
#[path = "../../tests/lab/programs.rs"]
mod programs;
mod scenarios;

use std::time::Duration;

/// The middle of several measurements, with the least and the greatest.
struct Spread {
    median: Duration,
    least: Duration,
    greatest: Duration,
}

impl Spread {
    fn of(times: usize, mut measure: impl FnMut() -> Duration) -> Self {
        let mut all: Vec<_> = (0..times).map(|_| measure()).collect();
        all.sort_unstable();
        Self { median: all[times / 2], least: all[0], greatest: all[times - 1] }
    }
}

fn row(what: &str, limit: &str, times: usize, spread: &Spread) {
    let Spread { median, least, greatest } = spread;
    let ms = |time: &Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    let range = format!("{} – {}", ms(least), ms(greatest));
    println!("| {what} | {} | {range} | {times} | {limit} |", ms(median));
}

fn main() {
    println!("| what | median | range | runs | must be |");
    println!("|---|---|---|---|---|");
    let ours = Spread::of(20, scenarios::first_server);
    row("`cooee find --one`, process start to exit", "≤ 10 ms", 20, &ours);
    let stock = Spread::of(3, scenarios::first_server_stock);
    row("the same with the stock client, interpreter included", "(peer)", 3, &stock);
    let settled = Spread::of(5, scenarios::settled);
    row("`cooee find`, one server, until settled", "≤ 800 ms", 5, &settled);
    let flooded = Spread::of(3, scenarios::flooded);
    row("`find --timeout 2s` under 10,000 datagrams/s", "≤ 2,100 ms", 3, &flooded);
    let crowd = Spread::of(3, scenarios::crowd);
    row("10,000 answers to one broadcast, until all are found", "≤ 5,000 ms", 3, &crowd);
    let takeover = Spread::of(5, scenarios::takeover);
    row("`kill -9` of the owner to the answer of the next", "≤ 1,000 ms", 5, &takeover);
    let change = Spread::of(5, scenarios::address_change);
    row("address replaced to the next right answer", "≤ 2,000 ms", 5, &change);
    let stopped = Spread::of(10, scenarios::stopped_while_busy);
    row("SIGTERM while busy to exit", "≤ 1,000 ms", 10, &stopped);
    let ratio = ours.median.as_secs_f64() / stock.median.as_secs_f64();
    println!("\nfirst server, ours ÷ stock: {ratio:.5}");
}
