//! How often: a token bucket per source, in a table of fixed size, and one for all.

use std::time::{Duration, Instant};

use super::ProbeRefusal;
use super::source::SourceId;
use crate::{RateLimit, limits};

/// A token bucket, kept as the time at which it will be full again (the generic cell rate
/// algorithm's theoretical arrival time). A bucket whose time has passed is full, which is what a
/// source that was never seen has: it need not be kept.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    full_at_ns: u64,
}

/// The rate of a bucket, as the time one token takes and the time all of them take.
#[derive(Debug, Clone, Copy)]
struct Rate {
    token_ns: u64,
    burst_ns: u64,
}

impl Rate {
    fn per_second(tokens: u32, burst: Duration) -> Self {
        let second = Duration::from_secs(1).as_nanos() as u64;
        Self { token_ns: (second / u64::from(tokens)).max(1), burst_ns: burst.as_nanos() as u64 }
    }
}

impl Bucket {
    fn has_token(self, now_ns: u64, rate: Rate) -> bool {
        self.full_at_ns.max(now_ns) + rate.token_ns <= now_ns + rate.burst_ns.max(rate.token_ns)
    }

    fn take(&mut self, now_ns: u64, rate: Rate) {
        self.full_at_ns = self.full_at_ns.max(now_ns) + rate.token_ns;
    }
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    source: SourceId,
    bucket: Bucket,
}

#[derive(Debug)]
pub(super) struct RateLimiter(Option<Table>);

#[derive(Debug)]
struct Table {
    per_source: Rate,
    in_all: Rate,
    total: Bucket,
    for_routes: Rate,
    routes: Bucket,
    for_neighbours: Rate,
    neighbours: Bucket,
    slots: Box<[Slot]>,
    start: Instant,
}

impl RateLimiter {
    pub(super) fn new(limit: RateLimit, now: Instant) -> Self {
        let RateLimit::PerSource(answers) = limit else { return Self(None) };
        let empty = Slot { source: SourceId(0), bucket: Bucket::default() };
        Self(Some(Table {
            per_source: Rate::per_second(answers.get(), limits::BURST_PER_SOURCE),
            in_all: Rate::per_second(limits::ANSWERS_IN_ALL, limits::BURST_IN_ALL),
            total: Bucket::default(),
            for_routes: Rate::per_second(limits::ROUTES_PER_SECOND, limits::BURST_IN_ALL),
            routes: Bucket::default(),
            for_neighbours: Rate::per_second(limits::NEIGHBOURS_PER_SECOND, limits::BURST_IN_ALL),
            neighbours: Bucket::default(),
            slots: vec![empty; limits::RATE_SLOTS].into_boxed_slice(),
            start: now,
        }))
    }

    /// Takes a token for an answer to `source`.
    pub(super) fn take(&mut self, now: Instant, source: SourceId) -> Result<(), ProbeRefusal> {
        self.0.as_mut().map_or(Ok(()), |table| table.take(now, source))
    }

    /// Takes a token for looking up a neighbour.
    pub(super) fn take_neighbour(&mut self, now: Instant) -> Result<(), ProbeRefusal> {
        self.0.as_mut().map_or(Ok(()), |table| table.take_neighbour(now))
    }

    /// Takes a token for looking up a route.
    pub(super) fn take_route(&mut self, now: Instant) -> Result<(), ProbeRefusal> {
        self.0.as_mut().map_or(Ok(()), |table| table.take_route(now))
    }
}

impl Table {
    fn take_route(&mut self, now: Instant) -> Result<(), ProbeRefusal> {
        let now_ns = self.ns(now);
        if !self.routes.has_token(now_ns, self.for_routes) {
            return Err(ProbeRefusal::Busy);
        }
        self.routes.take(now_ns, self.for_routes);
        Ok(())
    }

    fn take_neighbour(&mut self, now: Instant) -> Result<(), ProbeRefusal> {
        let now_ns = self.ns(now);
        if !self.neighbours.has_token(now_ns, self.for_neighbours) {
            return Err(ProbeRefusal::Busy);
        }
        self.neighbours.take(now_ns, self.for_neighbours);
        Ok(())
    }

    fn ns(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.start).as_nanos() as u64
    }

    fn take(&mut self, now: Instant, source: SourceId) -> Result<(), ProbeRefusal> {
        let now_ns = self.ns(now);
        let (per_source, in_all) = (self.per_source, self.in_all);
        let index = self.slot(source);
        let mut bucket = match self.slots[index] {
            slot if slot.source == source => slot.bucket,
            _ => Bucket::default(),
        };
        if !bucket.has_token(now_ns, per_source) {
            return Err(ProbeRefusal::SourceRate);
        }
        if !self.total.has_token(now_ns, in_all) {
            return Err(ProbeRefusal::TotalRate);
        }
        bucket.take(now_ns, per_source);
        self.total.take(now_ns, in_all);
        self.slots[index] = Slot { source, bucket };
        Ok(())
    }

    /// The slot of `source`, or else the one of its set that is full again soonest: whoever is
    /// forgotten for it gains the least, and an honest source is never refused for lack of room.
    fn slot(&self, source: SourceId) -> usize {
        let sets = limits::RATE_SLOTS / limits::RATE_WAYS;
        let first = (source.0 as usize % sets) * limits::RATE_WAYS;
        let set = first..first + limits::RATE_WAYS;
        set.clone()
            .find(|&i| self.slots[i].source == source)
            .or_else(|| set.min_by_key(|&i| self.slots[i].bucket.full_at_ns))
            .unwrap_or(first)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
mod tests {
    use super::super::source::Sources;
    use super::*;

    fn limiter(rate: u32) -> (RateLimiter, Instant) {
        let start = Instant::now();
        (RateLimiter::new(RateLimit::per_source(rate).expect("not 0"), start), start)
    }

    fn source(n: u32) -> SourceId {
        let address = std::net::Ipv4Addr::from_bits(0x0a00_0000 + n);
        Sources::new(7).host((address, 4000).into(), true)
    }

    #[test]
    fn a_burst_then_the_rate() {
        let (mut limiter, start) = limiter(10);
        let granted = |limiter: &mut RateLimiter, at| {
            (0..1000).filter(|_| limiter.take(start + at, source(1)).is_ok()).count()
        };
        assert_eq!(granted(&mut limiter, Duration::ZERO), 20);
        assert_eq!(granted(&mut limiter, Duration::from_secs(1)), 10);
        assert_eq!(granted(&mut limiter, Duration::from_millis(1050)), 0);
        assert_eq!(granted(&mut limiter, Duration::from_secs(60)), 20);
    }

    #[test]
    fn one_source_does_not_use_up_another() {
        let (mut limiter, now) = limiter(1);
        while limiter.take(now, source(1)).is_ok() {}
        assert_eq!(limiter.take(now, source(1)), Err(ProbeRefusal::SourceRate));
        assert_eq!(limiter.take(now, source(2)), Ok(()));
    }

    #[test]
    fn a_flood_of_sources_keeps_the_honest_one() {
        let (mut limiter, start) = limiter(20);
        let mut answered = 0;
        for tick in 0..100_000_u32 {
            let now = start + Duration::from_micros(20) * tick;
            let _ = limiter.take(now, source(1000 + tick));
            if tick % 500 == 0 && limiter.take(now, source(1 + tick / 500 % 5)).is_ok() {
                answered += 1;
            }
        }
        assert_eq!(answered, 200, "100 honest probes a second, from five sources");
    }

    #[test]
    fn all_sources_together_are_limited() {
        let (mut limiter, now) = limiter(1);
        let burst = limits::ANSWERS_IN_ALL / 10;
        assert_eq!(limits::BURST_IN_ALL, Duration::from_millis(100));
        let refusals: Vec<_> =
            (0..burst + 10).filter_map(|n| limiter.take(now, source(n)).err()).collect();
        assert_eq!(refusals, [ProbeRefusal::TotalRate; 10]);
    }
}
