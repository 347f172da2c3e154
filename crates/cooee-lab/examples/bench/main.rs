//! The figures that are times, each measured several times in one run: `cargo xtask bench`.
//!
//! Absolute times belong to the machine; the ratios are what compares.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../../tests/lab/crowd_server.rs"]
mod crowd_server;
#[path = "../../tests/lab/load.rs"]
mod load;
#[allow(dead_code)]
#[path = "../../tests/lab/programs.rs"]
mod programs;
mod scenarios;

use std::process::ExitCode;
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

/// A table of measurements, some of which have a limit.
#[derive(Default)]
struct Table {
    missed: Vec<String>,
}

impl Table {
    fn row(
        &mut self,
        what: &str,
        limit: Option<Duration>,
        times: usize,
        measure: fn() -> Duration,
    ) -> Duration {
        let Spread { median, least, greatest } = Spread::of(times, measure);
        let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
        let range = format!("{} – {}", ms(least), ms(greatest));
        let bound =
            limit.map_or("(peer)".to_owned(), |limit| format!("≤ {} ms", limit.as_millis()));
        println!("| {what} | {} | {range} | {times} | {bound} |", ms(median));
        if limit.is_some_and(|limit| median > limit) {
            self.missed.push(format!("{what}: {}, must be {bound}", ms(median)));
        }
        median
    }
}

fn main() -> ExitCode {
    let limit = |ms| Some(Duration::from_millis(ms));
    let mut table = Table::default();
    println!("| what | median | range | runs | must be |");
    println!("|---|---|---|---|---|");
    let first = "`cooee find --one`, process start to exit";
    let ours = table.row(first, limit(10), 20, scenarios::first_server);
    let peer = "the same with the stock client, interpreter included";
    let stock = table.row(peer, None, 3, scenarios::first_server_stock);
    table.row("`cooee find`, one server, until settled", limit(800), 5, scenarios::settled);
    let flooded = "`find --timeout 2s` under 10,000 datagrams/s";
    table.row(flooded, limit(2100), 3, scenarios::flooded);
    let crowd = "10,000 answers to one broadcast, until all are found";
    table.row(crowd, limit(5000), 3, scenarios::crowd);
    let takeover = "`kill -9` of the owner to the answer of the next";
    table.row(takeover, limit(1000), 5, scenarios::takeover);
    let change = "address replaced to the next right answer";
    table.row(change, limit(2000), 5, scenarios::address_change);
    table.row("SIGTERM while busy to exit", limit(1000), 10, scenarios::stopped_while_busy);
    println!("\nfirst server, ours ÷ stock: {:.5}", ours.as_secs_f64() / stock.as_secs_f64());
    for missed in &table.missed {
        eprintln!("missed: {missed}");
    }
    if table.missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
