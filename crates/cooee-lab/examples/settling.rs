//! Prints how complete and how quick a discovery is: the table of `docs/settling.md`.
//!
//! `cargo run --release -p cooee-lab --example settling -- [WAIT [SITUATION]]`: WAIT is `settled`,
//! `full` or `first`, by default `settled`. SITUATION is part of a situation's name, by default of
//! all.

use std::iter;
use std::process::ExitCode;
use std::time::Duration;

use cooee_core::Wait;
use cooee_lab::sim::{Situation, Summary, Trial};

const WAITS: [(&str, Wait); 4] = [
    ("settled", Wait::Settled),
    ("quick", Wait::Quick),
    ("full", Wait::Full),
    ("first", Wait::First),
];

/// A line of the table.
struct Row {
    name: String,
    servers: usize,
    /// How many in a hundred datagrams get lost each way.
    percent: u32,
    situation: Situation,
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let wait = args.next().unwrap_or_else(|| WAITS[0].0.to_owned());
    let part = args.next().unwrap_or_default();
    let Some((_, wait)) = WAITS.iter().find(|(name, _)| *name == wait) else {
        eprintln!("WAIT is one of {}, not {wait}", WAITS.map(|(name, _)| name).join(", "));
        return ExitCode::FAILURE;
    };
    println!(
        "| situation | servers | lost each way | found | complete | mean end | worst end | rounds | believed unseen | truly unseen | settled |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for row in rows().filter(|row| row.name.contains(&part)) {
        row.print(*wait);
    }
    ExitCode::SUCCESS
}

fn rows() -> impl Iterator<Item = Row> {
    let late = [600, 800, 1000].map(|ms| Situation::OneLate(Duration::from_millis(ms)));
    iter::empty()
        .chain(table(Situation::Plain, &[1, 2, 5, 20, 100, 1000], &[0, 2, 10, 20]))
        .chain(late.into_iter().flat_map(|late| table(late, &[1, 3, 20], &[0])))
        .chain(table(Situation::FirstRequestLost, &[1, 3, 20], &[0]))
        .chain(table(Situation::Arp, &[1, 3, 20, 100], &[2, 10, 20]))
        .chain(table(Situation::PowerSaving, &[1, 3, 20, 100], &[0, 2, 10]))
        .chain(table(Situation::Bursts, &[1, 3, 20, 100], &[0, 2, 10]))
        .chain([100, 200].into_iter().flat_map(|ms| {
            table(Situation::Outages(Duration::from_millis(ms)), &[1, 3, 20, 100], &[0])
        }))
        .chain(table(Situation::ArpAndOneLate, &[1, 3, 20, 100], &[2, 10]))
}

/// A row for each of `servers` with each of `percents`.
fn table(situation: Situation, servers: &[usize], percents: &[u32]) -> Vec<Row> {
    let row = |servers, percent| Row { name: situation.to_string(), servers, percent, situation };
    let rows = servers.iter().flat_map(|&n| percents.iter().map(move |&percent| (n, percent)));
    rows.map(|(servers, percent)| row(servers, percent)).collect()
}

impl Row {
    fn print(&self, wait: Wait) {
        let trial = Trial::new(self.servers, f64::from(self.percent) / 100.0, wait);
        let summary = Summary::over(0..200, &trial.amid(self.situation));
        println!(
            "| {} | {} | {} % | {:.2} % | {:.1} % | {:.2} s | {:.2} s | {:.1} | {:.3} | {:.3} | {:.1} % |",
            self.name,
            self.servers,
            self.percent,
            summary.found * 100.0,
            summary.complete * 100.0,
            summary.mean_end.as_secs_f64(),
            summary.worst_end.as_secs_f64(),
            summary.rounds,
            summary.estimated,
            summary.unseen,
            summary.settled * 100.0,
        );
    }
}
