//! `Wait::Settled` ends early, and finds nearly everybody nevertheless.

use std::time::Duration;

use cooee_core::{Ended, Wait};
use cooee_lab::sim::{Summary, Trial, for_each_seed};

fn finds_nearly_all(servers: &[usize]) {
    for &servers in servers {
        for loss in [0.0, 0.02, 0.1] {
            let summary = Summary::over(0..200, &Trial::new(servers, loss, Wait::Settled));
            assert!(summary.found >= 0.99, "{servers} servers, loss {loss}: {summary:?}");
            assert!(summary.settled >= 0.9, "{servers} servers, loss {loss}: {summary:?}");
        }
    }
}

#[test]
fn a_few_servers_are_found() {
    finds_nearly_all(&[1, 2, 5, 20]);
}

#[test]
fn a_hundred_and_a_thousand_servers_are_found() {
    finds_nearly_all(&[100, 1000]);
}

#[test]
fn a_fifth_lost_each_way_costs_time_before_it_costs_servers() {
    for (servers, at_least) in [(1, 0.98), (2, 0.97), (5, 0.98), (20, 0.99), (100, 0.995)] {
        let summary = Summary::over(0..200, &Trial::new(servers, 0.2, Wait::Settled));
        assert!(summary.found >= at_least, "{servers} servers: {summary:?}");
    }
}

#[test]
fn one_server_without_loss_is_found_within_800_ms_or_settles_within_1800() {
    for (wait, ms) in [(Wait::Quick, 800), (Wait::Settled, 1800)] {
        let trial = Trial::new(1, 0.0, wait);
        for_each_seed(0..200, |seed| {
            let outcome = trial.run(seed).outcome;
            assert_eq!((outcome.ended, outcome.servers), (Ended::Settled, 1), "{outcome:?}");
            assert!(outcome.elapsed <= Duration::from_millis(ms), "{wait:?}: {outcome:?}");
        });
    }
}

#[test]
fn it_knows_how_many_it_missed() {
    for (servers, loss) in [(100, 0.1), (100, 0.2), (1000, 0.1), (1000, 0.2)] {
        let summary = Summary::over(0..200, &Trial::new(servers, loss, Wait::Settled));
        let off = (summary.estimated - summary.unseen).abs();
        assert!(off <= 0.5 + summary.unseen / 2.0, "{servers} servers, loss {loss}: {summary:?}");
    }
}

#[test]
fn nobody_there_takes_the_whole_timeout() {
    let outcome = Trial::new(0, 0.0, Wait::Settled).run(1).outcome;
    assert_eq!((outcome.ended, outcome.elapsed), (Ended::Deadline, Duration::from_secs(5)));
}
