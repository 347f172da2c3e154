use std::ops::Range;
use std::time::Duration;

use rand::RngExt;
use rand_pcg::Pcg32;

/// A time of `range`, uniformly distributed; an empty range always gives its start.
pub(super) fn within(range: &Range<Duration>, rng: &mut Pcg32) -> Duration {
    let nanos = |d: Duration| u64::try_from(d.as_nanos()).unwrap_or(u64::MAX);
    let (low, high) = (nanos(range.start), nanos(range.end));
    if low < high { Duration::from_nanos(rng.random_range(low..high)) } else { range.start }
}

/// Whether something happens that has these odds, from 0 to 1.
pub(super) fn happens(odds: f64, rng: &mut Pcg32) -> bool {
    odds > 0.0 && rng.random::<f64>() < odds
}
