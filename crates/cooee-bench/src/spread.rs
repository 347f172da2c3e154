//! The middle of measurements.

use serde::{Deserialize, Serialize};

/// The middle of several measurements, with the least and the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Of an even number of measurements the greater of the two in the middle.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
    /// How many there are.
    pub runs: usize,
}

impl Spread {
    /// The spread of `measurements`.
    ///
    /// # Panics
    /// When there is none.
    pub fn of(measurements: impl IntoIterator<Item = f64>) -> Self {
        let mut all: Vec<f64> = measurements.into_iter().collect();
        all.sort_by(f64::total_cmp);
        let (Some(&least), Some(&greatest)) = (all.first(), all.last()) else {
            panic!("nothing was measured")
        };
        Self { median: all[all.len() / 2], least, greatest, runs: all.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter() {
        let spread = Spread { median: 3.0, least: 1.0, greatest: 9.0, runs: 5 };
        assert_eq!(Spread::of([3.0, 9.0, 1.0, 4.0, 2.0]), spread);
    }

    #[test]
    fn one_measurement_is_all() {
        assert_eq!(Spread::of([2.0]), Spread { median: 2.0, least: 2.0, greatest: 2.0, runs: 1 });
    }

    #[test]
    #[should_panic = "nothing was measured"]
    fn none_is_no_spread() {
        Spread::of([]);
    }
}
