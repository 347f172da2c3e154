//! Prints the table of `docs/settling.md`: how complete and how quick `Settled` is.

use cooee_core::Wait;
use cooee_lab::sim::{Summary, Trial};

fn main() {
    println!(
        "| servers | lost each way | found | mean end | worst end | rounds | believed unseen | truly unseen | settled |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for servers in [1, 2, 5, 20, 100, 1000] {
        for percent in [0_u32, 2, 10, 20] {
            let trial = Trial::new(servers, f64::from(percent) / 100.0, Wait::Settled);
            let summary = Summary::over(0..200, &trial);
            println!(
                "| {servers} | {percent} % | {:.2} % | {:.2} s | {:.2} s | {:.1} | {:.3} | {:.3} | {:.1} % |",
                summary.found * 100.0,
                summary.mean_end.as_secs_f64(),
                summary.worst_end.as_secs_f64(),
                summary.rounds,
                summary.estimated,
                summary.unseen,
                summary.settled * 100.0,
            );
        }
    }
}
