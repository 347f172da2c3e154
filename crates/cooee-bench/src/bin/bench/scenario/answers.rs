mod asker;
mod server;

use std::time::Duration;

use cooee_bench::report::{Limit, Row, Table};

use crate::progress;
use crate::turns::{Effort, row, table};
use asker::{Asker, Sources, Waits};
use server::{Score, Server};

const LIMIT: &str = "batched echo, upper bound";
const LIMIT_MANY: &str = "batched echo, 100,000 sources";
const STOCK: &str = "stock server";
const STOCK_UNLOGGED: &str = "stock server, ENABLE_LOGGING off";
const OURS: &str = "`cooee serve`, no rate limit";
const LIMITED: &str = "`cooee serve`, rate limit, 100,000 sources";

const SERVERS: [Server; 7] = [
    Server { name: LIMIT, command: server::batched_echo, sources: Sources::One },
    Server { name: LIMIT_MANY, command: server::batched_echo, sources: Sources::Many },
    Server { name: "one-by-one echo", command: server::one_by_one_echo, sources: Sources::One },
    Server { name: STOCK, command: server::stock, sources: Sources::One },
    Server { name: STOCK_UNLOGGED, command: server::stock_without_log, sources: Sources::One },
    Server { name: OURS, command: server::cooee_unlimited, sources: Sources::One },
    Server { name: LIMITED, command: server::cooee_limited, sources: Sources::Many },
];

/// What must be, in turns with an asker that sleeps.
const LIMITS: [(&str, &str, f64); 5] = [
    (OURS, LIMIT, 0.90),
    (OURS, STOCK, 2.3),
    (OURS, STOCK_UNLOGGED, 2.3),
    (LIMITED, LIMIT, 0.85),
    (LIMITED, LIMIT_MANY, 0.85),
];

const ROUND: Duration = Duration::from_secs(1);

pub(crate) fn measure(effort: Effort) -> Vec<(&'static str, Table)> {
    let title = "Answers on one core, 64 probes in flight";
    let scores = Scores::measure(title, Waits::Asleep, effort.rounds(21));
    let mut rate = table(title, "per second", scores.rows(|score| score.answers_per_second));
    for (one, other, least) in LIMITS {
        let ratio = rate.median(one) / rate.median(other);
        rate.check(format!("{one} ÷ {other}"), ratio, Limit::AtLeast(least));
    }
    let cpu = table("Processor time per answer", "µs", scores.rows(|score| score.us_per_answer));

    let title = "Answers on one core, load generator never sleeps";
    let busy = Scores::measure(title, Waits::Busily, effort.rounds(7));
    let busy = table(title, "per second", busy.rows(|score| score.answers_per_second));
    vec![("answers", rate), ("cpu", cpu), ("answers-busy", busy)]
}

/// What each of [`SERVERS`] did in each round.
struct Scores([Vec<Score>; SERVERS.len()]);

impl Scores {
    /// Each is started anew in every round: how fast it is depends on where its memory comes to
    /// lie.
    fn measure(title: &str, waits: Waits, rounds: usize) -> Self {
        let mut scores = SERVERS.map(|_| Vec::new());
        for round in 0..rounds {
            for (server, scores) in SERVERS.iter().zip(&mut scores) {
                let name = server.name;
                progress::tell(&format!("{title}: round {} of {rounds}, {name}", round + 1));
                let asker = Asker { sources: server.sources, waits };
                let mut attempts = (0..3).map(|_| server.start().ask_for(ROUND, asker));
                let score = attempts.find_map(|score| score);
                scores.push(score.unwrap_or_else(|| panic!("{name} does not answer steadily")));
            }
        }
        progress::clear();
        Self(scores)
    }

    fn rows(&self, of: fn(&Score) -> f64) -> Vec<Row> {
        let all = SERVERS.iter().zip(&self.0);
        all.map(|(server, scores)| row(server.name, scores.iter().map(of).collect())).collect()
    }
}
