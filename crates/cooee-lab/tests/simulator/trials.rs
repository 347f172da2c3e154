//! Trials in situations in which something is wrong.

use std::time::Duration;

use cooee_core::Wait;
use cooee_lab::sim::{Run, Situation, Trial, for_each_seed};

const ALL: [Situation; 8] = [
    Situation::Plain,
    Situation::OneLate(Duration::from_millis(600)),
    Situation::Arp,
    Situation::FirstRequestLost,
    Situation::PowerSaving,
    Situation::Bursts,
    Situation::Outages(Duration::from_millis(200)),
    Situation::ArpAndOneLate,
];

fn run(situation: Situation, loss: f64, seed: u64) -> Run {
    Trial::new(20, loss, Wait::Full).amid(situation).run(seed)
}

#[test]
fn the_same_seed_gives_the_same_run_in_every_situation() {
    for situation in ALL {
        for_each_seed(0..5, |seed| {
            assert_eq!(run(situation, 0.2, seed), run(situation, 0.2, seed), "{situation}");
        });
    }
}

#[test]
fn every_situation_makes_a_difference() {
    for situation in &ALL[1..] {
        let differs = for_each_seed(0..5, |seed| {
            run(*situation, 0.1, seed).outcome != run(Situation::Plain, 0.1, seed).outcome
        });
        assert!(differs.contains(&true), "{situation}");
    }
}

#[test]
fn every_situation_lets_a_long_search_find_all() {
    for situation in ALL {
        let found = for_each_seed(0..20, |seed| run(situation, 0.0, seed).found);
        let mean = found.iter().sum::<f64>() / found.len() as f64;
        assert!(mean > 0.99, "{situation}: {mean}");
    }
}
