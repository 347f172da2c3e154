//! Answers per second on one core, beside the echo servers that are the limit: `cargo xtask bench`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod asker;
mod contestants;

use std::time::Duration;

use contestants::Contestant;

const ROUND: Duration = Duration::from_secs(1);
const ROUNDS: usize = 5;

/// What a contestant did in one round.
#[derive(Clone, Copy)]
struct Score {
    answers_per_second: f64,
    cpu_per_answer: Duration,
}

fn median<T: Copy + PartialOrd>(scores: &[Score], of: impl Fn(&Score) -> T) -> T {
    let mut all: Vec<T> = scores.iter().map(of).collect();
    all.sort_by(|a, b| a.partial_cmp(b).unwrap());
    all[all.len() / 2]
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    if let Some(role) = arguments.next() {
        return contestants::serve(&role, &arguments.next().unwrap());
    }
    let field = Contestant::all();
    let mut scores = vec![Vec::new(); field.len()];
    for _ in 0..ROUNDS {
        for (contestant, scores) in field.iter().zip(&mut scores) {
            scores.push(contestant.run(ROUND));
        }
    }
    let rate = |scores: &[Score]| median(scores, |s| s.answers_per_second);
    let limit = rate(&scores[0]);
    println!(
        "| answers on one core, 64 in flight | per second | CPU per answer | ÷ batched echo |"
    );
    println!("|---|--:|--:|--:|");
    for (contestant, scores) in field.iter().zip(&scores) {
        let (name, rate) = (contestant.name, rate(scores));
        let cpu = median(scores, |s| s.cpu_per_answer);
        println!(
            "| {name} | {rate:.0} | {:.2} µs | {:.2} |",
            cpu.as_secs_f64() * 1e6,
            rate / limit
        );
    }
}
