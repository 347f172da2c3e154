//! Discovery over links that duplicate, reorder and overflow: it finds nearly everybody, and it
//! always ends in time ([`Trial::run`] sees to that).

use std::ops::Range;
use std::time::Duration;

use cooee_core::Wait;
use cooee_lab::sim::{Buffer, Link, Summary, Trial, for_each_seed};

const SEEDS: Range<u64> = 0..100;

fn finds_nearly_all(sizes: &[usize], loss: f64, change: impl Fn(&mut Link) + Copy) {
    for &servers in sizes {
        for wait in [Wait::Settled, Wait::Full] {
            let summary = Summary::over(SEEDS, &Trial::new(servers, loss, wait).on(change));
            assert!(summary.found >= 0.99, "{servers} servers, {wait:?}: {summary:?}");
        }
    }
}

fn delayed_up_to(milliseconds: u64) -> impl Fn(&mut Link) + Copy {
    move |link| link.delay = Duration::ZERO..Duration::from_millis(milliseconds)
}

#[test]
fn with_duplicates() {
    finds_nearly_all(&[5, 100, 1000], 0.1, |link| link.duplicate = 0.3);
}

#[test]
fn with_delays_up_to_80_ms() {
    finds_nearly_all(&[5, 100, 1000], 0.1, delayed_up_to(80));
}

#[test]
fn with_delays_up_to_400_ms() {
    finds_nearly_all(&[1, 2, 5, 20, 100], 0.0, delayed_up_to(400));
    finds_nearly_all(&[1, 2, 5, 20, 1000], 0.1, delayed_up_to(400));
}

fn with_buffer_of_200(drain_per_second: u32, wait: Wait) -> Summary {
    let mut trial = Trial::new(1000, 0.0, wait);
    trial.to_client.receive_buffer = Some(Buffer { datagrams: 200, drain_per_second });
    let runs = for_each_seed(SEEDS, |seed| {
        let run = trial.run(seed);
        let reported = run.outcome.kernel_drops;
        assert!(reported > 0 && reported <= run.traffic.overflowed, "{run:?}");
        run
    });
    Summary::of(&runs)
}

#[test]
fn later_rounds_make_up_for_a_small_receive_buffer() {
    for wait in [Wait::Settled, Wait::Full] {
        let summary = with_buffer_of_200(100_000, wait);
        assert!(summary.found >= 0.99, "{wait:?}: {summary:?}");
    }
}

#[test]
fn a_slow_reader_with_a_small_buffer_knows_that_it_missed_many() {
    let summary = with_buffer_of_200(20_000, Wait::Settled);
    assert_eq!(summary.settled, 0.0, "{summary:?}");
    assert!((summary.estimated / summary.unseen - 1.0).abs() < 0.3, "{summary:?}");
}
