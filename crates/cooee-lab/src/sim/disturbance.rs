//! What makes the fates of datagrams on one link depend on each other.

use std::time::{Duration, Instant};

use rand::RngExt;
use rand_pcg::Pcg32;

use super::chance::happens;

/// Loss in bursts, as Gilbert and Elliott model it: a link is in a good state, in which it loses
/// [`Link::loss`](super::Link::loss), or in a bad one. Both last as long as chance says
/// (exponentially distributed), so whatever is sent within a burst shares its fate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bursts {
    /// The mean length of the good state. Less than 1 ms is taken for 1 ms.
    pub good: Duration,
    /// The mean length of the bad state. Less than 1 ms is taken for 1 ms.
    pub bad: Duration,
    /// The part of the datagrams that get lost in the bad state, from 0 to 1.
    pub loss: f64,
}

/// An outage that returns: everything that is sent meanwhile is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// How long it lasts.
    pub lasts: Duration,
    /// The time from the start of one to the start of the next. Zero means that there are none.
    pub every: Duration,
    /// When one begins, from the start of the network. `None` is a random time for each link;
    /// links that name the same time fail together.
    pub from: Option<Duration>,
}

/// A host that sleeps to save power: what is sent to it is kept until the next beacon, at which the
/// host gets all of it in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PowerSaving {
    /// The time between two beacons. Zero means that the host never sleeps.
    pub beacon: Duration,
    /// When one beacon is sent, from the start of the network. `None` is a random time for each
    /// link.
    pub from: Option<Duration>,
}

impl Bursts {
    fn mean_length(&self, is_bad: bool) -> Duration {
        let mean = if is_bad { self.bad } else { self.good };
        mean.max(Duration::from_millis(1))
    }

    /// The part of the time that the link is in the bad state.
    fn share(&self) -> f64 {
        let (good, bad) = (self.mean_length(false), self.mean_length(true));
        bad.as_secs_f64() / (good + bad).as_secs_f64()
    }
}

/// What disturbs a link, and where the link is in it.
#[derive(Debug)]
pub(super) struct Condition {
    start: Instant,
    bursts: Option<Bursts>,
    outage: Option<Outage>,
    power_saving: Option<PowerSaving>,
    burst: Option<Burst>,
    outages: Phase,
    beacons: Phase,
    /// When the last datagram was let through, so that none overtakes it.
    released: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Burst {
    is_bad: bool,
    until: Instant,
}

impl Condition {
    /// The condition of a link, if anything disturbs it, of a network that was made at `start`.
    pub(super) fn of(
        bursts: Option<Bursts>,
        outage: Option<Outage>,
        power_saving: Option<PowerSaving>,
        start: Instant,
    ) -> Option<Box<Self>> {
        let is_disturbed = bursts.is_some() || outage.is_some() || power_saving.is_some();
        is_disturbed.then(|| {
            Box::new(Self {
                start,
                bursts,
                outage,
                power_saving,
                burst: None,
                outages: Phase::default(),
                beacons: Phase::default(),
                released: None,
            })
        })
    }

    /// Whether something else than [`Link::loss`](super::Link::loss) takes a datagram that is sent
    /// at `now`.
    pub(super) fn loses(&mut self, now: Instant, rng: &mut Pcg32) -> bool {
        let out = self.outage.is_some_and(|outage| {
            let phase = self.outages.at(now - self.start, outage.every, outage.from, rng);
            phase.is_some_and(|phase| phase < outage.lasts)
        });
        let burst = self
            .bursts
            .is_some_and(|bursts| self.is_bad(&bursts, now, rng) && happens(bursts.loss, rng));
        out || burst
    }

    fn is_bad(&mut self, bursts: &Bursts, now: Instant, rng: &mut Pcg32) -> bool {
        // How long a state has lasted says nothing about how long it will, so the first may begin
        // now.
        let mut burst = self.burst.unwrap_or_else(|| {
            let is_bad = happens(bursts.share(), rng);
            Burst { is_bad, until: now + exponential(bursts.mean_length(is_bad), rng) }
        });
        while burst.until <= now {
            burst.is_bad = !burst.is_bad;
            burst.until += exponential(bursts.mean_length(burst.is_bad), rng);
        }
        self.burst = Some(burst);
        burst.is_bad
    }

    /// When the host gets what comes to it at `arrival`.
    pub(super) fn release(&mut self, arrival: Instant, rng: &mut Pcg32) -> Instant {
        let Some(PowerSaving { beacon, from }) = self.power_saving else { return arrival };
        let Some(phase) = self.beacons.at(arrival - self.start, beacon, from, rng) else {
            return arrival;
        };
        let at = if phase.is_zero() { arrival } else { arrival + (beacon - phase) };
        let at = self.released.map_or(at, |last| at.max(last));
        self.released = Some(at);
        at
    }
}

/// The place of something that returns: when it is first due, once that has been drawn.
#[derive(Debug, Default)]
struct Phase(Option<Duration>);

impl Phase {
    /// The time since it was last due, or `None` if it never is.
    fn at(
        &mut self,
        elapsed: Duration,
        every: Duration,
        from: Option<Duration>,
        rng: &mut Pcg32,
    ) -> Option<Duration> {
        if every.is_zero() {
            return None;
        }
        let drawn = || rng.random_range(Duration::ZERO..every);
        let from = *self.0.get_or_insert_with(|| from.unwrap_or_else(drawn));
        let nanos = |time: Duration| time.as_nanos() % every.as_nanos();
        let since = (nanos(elapsed) + every.as_nanos() - nanos(from)) % every.as_nanos();
        Some(Duration::from_nanos(u64::try_from(since).unwrap_or(u64::MAX)))
    }
}

fn exponential(mean: Duration, rng: &mut Pcg32) -> Duration {
    mean.mul_f64(-(1.0 - rng.random::<f64>()).ln())
}
