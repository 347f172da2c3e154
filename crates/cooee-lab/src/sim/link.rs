use std::ops::Range;
use std::time::{Duration, Instant};

use rand_pcg::Pcg32;

use super::chance::{happens, within};
use super::disturbance::{Bursts, Condition, Outage, PowerSaving};

/// The way to a host: what happens to the datagrams that are sent to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The part of the datagrams that get lost, each by its own chance, from 0 to 1.
    pub loss: f64,
    /// Loss in bursts, besides.
    pub bursts: Option<Bursts>,
    /// Outages at regular times, besides.
    pub outage: Option<Outage>,
    /// How long a datagram takes, uniformly distributed; an empty range always gives its start.
    /// Datagrams overtake each other when it is wider than the time between them.
    pub delay: Range<Duration>,
    /// The part of the datagrams that arrive twice, each copy with its own delay, from 0 to 1.
    pub duplicate: f64,
    /// Whether the host sleeps between beacons.
    pub power_saving: Option<PowerSaving>,
    /// The buffer of the host's socket; `None` for a host that takes each datagram at once.
    pub receive_buffer: Option<Buffer>,
}

/// A socket's receive buffer. What arrives while it is full is dropped and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buffer {
    /// How many datagrams it holds.
    pub datagrams: usize,
    /// How many datagrams a second the host takes out of it; 0 is taken for 1.
    pub drain_per_second: u32,
}

impl Default for Link {
    /// An undisturbed local network: no loss, 0.1 to 2 ms, no duplicates, no buffer to overflow, no
    /// sleep.
    fn default() -> Self {
        Self {
            loss: 0.0,
            bursts: None,
            outage: None,
            delay: Duration::from_micros(100)..Duration::from_millis(2),
            duplicate: 0.0,
            power_saving: None,
            receive_buffer: None,
        }
    }
}

impl Link {
    /// The default link, but losing this part of what is sent over it.
    pub fn losing(loss: f64) -> Self {
        Self { loss, ..Self::default() }
    }

    /// Where it is in what disturbs it, if anything does, in a network that was made at `start`.
    pub(super) fn condition(&self, start: Instant) -> Option<Box<Condition>> {
        Condition::of(self.bursts, self.outage, self.power_saving, start)
    }

    /// When each copy arrives of a datagram that is sent at `now`.
    pub(super) fn carry(
        &self,
        mut condition: Option<&mut Condition>,
        now: Instant,
        rng: &mut Pcg32,
    ) -> impl Iterator<Item = Instant> + use<> {
        let lost = happens(self.loss, rng)
            || condition.as_mut().is_some_and(|condition| condition.loses(now, rng));
        let mut copy = |rng: &mut Pcg32| {
            let arrival = now + within(&self.delay, rng);
            match &mut condition {
                None => arrival,
                Some(condition) => condition.release(arrival, rng),
            }
        };
        let first = (!lost).then(|| copy(rng));
        let again = (!lost && happens(self.duplicate, rng)).then(|| copy(rng));
        first.into_iter().chain(again)
    }
}

impl Buffer {
    /// The time it takes to handle one datagram.
    pub(super) fn pace(self) -> Duration {
        Duration::from_secs(1) / self.drain_per_second.max(1)
    }
}
