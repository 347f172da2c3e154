mod asker;
mod server;

use std::time::Duration;

use cooee_bench::report::{Limit, Row, Table};

use crate::progress;
use crate::turns::{Effort, row, table};
use asker::Sources;
use server::Server;

const LIMIT: &str = "batched echo, the limit";
const ONE_BY_ONE: &str = "one-by-one echo";
const STOCK: &str = "stock server";
const OURS: &str = "`cooee serve`, no rate limit";
const LIMITED: &str = "`cooee serve`, rate limit, 100,000 sources";

const SERVERS: [Server; 5] = [
    Server { name: LIMIT, command: server::batched_echo, sources: Sources::One },
    Server { name: ONE_BY_ONE, command: server::one_by_one_echo, sources: Sources::One },
    Server { name: STOCK, command: server::stock, sources: Sources::One },
    Server { name: OURS, command: server::cooee_unlimited, sources: Sources::One },
    Server { name: LIMITED, command: server::cooee_limited, sources: Sources::Many },
];

const ROUND: Duration = Duration::from_secs(1);

/// All of them run the whole time, each on the same core, and are asked in turns.
pub(crate) fn measure(effort: Effort) -> Vec<(&'static str, Table)> {
    let rounds = effort.rounds(15);
    let servers = SERVERS.map(Server::start);
    let mut scores = SERVERS.map(|_| Vec::new());
    for round in 0..rounds {
        for (server, scores) in servers.iter().zip(&mut scores) {
            progress::tell(&format!("round {} of {rounds}, {}", round + 1, server.name()));
            scores.push(server.ask_for(ROUND));
        }
    }
    progress::clear();
    let rows = |of: fn(&server::Score) -> f64| -> Vec<Row> {
        let all = SERVERS.iter().zip(&scores);
        all.map(|(server, scores)| row(server.name, scores.iter().map(of).collect())).collect()
    };
    let mut rate = table(
        "Answers on one core, 64 probes in flight",
        "per second",
        rows(|score| score.answers_per_second),
    );
    let of = |name| SERVERS.iter().position(|server| server.name == name).unwrap_or_default();
    for (one, other, least) in [(OURS, LIMIT, 0.90), (OURS, STOCK, 2.3), (LIMITED, LIMIT, 0.85)] {
        // Of each round by itself, since rounds differ more than those who run in one.
        let both = scores[of(one)].iter().zip(&scores[of(other)]);
        let ratios = both.map(|(a, b)| a.answers_per_second / b.answers_per_second).collect();
        let ratio = row("", ratios).spread.median;
        rate.check(format!("{one} ÷ {other}"), ratio, Limit::AtLeast(least));
    }
    let cpu = table("Processor time for an answer", "µs", rows(|score| score.us_per_answer));
    vec![("answers", rate), ("cpu", cpu)]
}
