//! Contestants are measured in turns, so that what slows the machine down slows all of them.

use std::time::{Duration, Instant};

use cooee_bench::report::{Row, Table};
use cooee_bench::spread::Spread;

use crate::{machine, progress};

/// How often things are measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    Full,
    Quick,
}

impl Effort {
    /// As many rounds as given, or a few of them.
    pub(crate) fn rounds(self, full: usize) -> usize {
        match self {
            Self::Full => full,
            Self::Quick => full.div_ceil(5),
        }
    }
}

/// One who is measured.
pub(crate) struct Contestant<'a> {
    name: String,
    /// In how many of the rounds.
    rounds: usize,
    measure: Box<dyn FnMut() -> f64 + 'a>,
}

impl<'a> Contestant<'a> {
    pub(crate) fn new(name: impl Into<String>, measure: impl FnMut() -> f64 + 'a) -> Self {
        Self { name: name.into(), rounds: usize::MAX, measure: Box::new(measure) }
    }

    /// Is measured in the first `rounds` only: it takes long and varies little.
    pub(crate) fn at_most(mut self, rounds: usize) -> Self {
        self.rounds = rounds;
        self
    }
}

/// Measures all of them, round by round.
pub(crate) fn in_turns(
    title: &str,
    unit: &str,
    rounds: usize,
    mut contestants: Vec<Contestant<'_>>,
) -> Table {
    let mut measured = vec![Vec::new(); contestants.len()];
    for round in 0..rounds {
        for (contestant, measured) in contestants.iter_mut().zip(&mut measured) {
            if round < contestant.rounds {
                progress::tell(&format!(
                    "{title}: round {} of {rounds}, {}",
                    round + 1,
                    contestant.name
                ));
                measured.push((contestant.measure)());
            }
        }
    }
    progress::clear();
    let rows = contestants.into_iter().zip(measured);
    let rows = rows.map(|(contestant, all)| row(contestant.name, all)).collect();
    table(title, unit, rows)
}

pub(crate) fn row(name: impl Into<String>, measured: Vec<f64>) -> Row {
    Row { name: name.into(), spread: Spread::of(measured) }
}

pub(crate) fn table(title: &str, unit: &str, rows: Vec<Row>) -> Table {
    Table {
        title: title.to_owned(),
        unit: unit.to_owned(),
        date: machine::today(),
        machine: machine::describe(),
        rows,
        checks: Vec::new(),
    }
}

/// How long `work` takes, in milliseconds.
pub(crate) fn ms<T>(work: impl FnOnce() -> T) -> f64 {
    let began = Instant::now();
    work();
    in_ms(began.elapsed())
}

pub(crate) fn in_ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
