use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use cooee_core::{Insistent, RateLimit, limits};

/// For each source when it was answered, or something asked for it, and how often then.
#[derive(Default)]
pub(super) struct Grants(BTreeMap<Ipv4Addr, Vec<(Instant, u64)>>);

impl Grants {
    /// As many sources as share a set of the rate limiter: none of them is forgotten.
    const REMEMBERED: usize = limits::RATE_WAYS;

    /// A source took a place in the rate limiter.
    pub(super) fn note(&mut self, source: Ipv4Addr) {
        self.0.entry(source).or_default();
    }

    pub(super) fn knows(&self, source: Ipv4Addr) -> bool {
        self.0.contains_key(&source)
    }

    /// Nobody draws more than the burst, and the rate from then on, from whatever moment on.
    pub(super) fn grant(&mut self, now: Instant, source: Ipv4Addr, limit: RateLimit) {
        /// A source that kept to the rate for so long kept to it before.
        const LOOKED_BACK: Duration = Duration::from_secs(300);
        let RateLimit::PerSource(rate) = limit else { return };
        let granted = self.0.entry(source).or_default();
        match granted.last_mut() {
            Some((last, answers)) if *last == now => *answers += 1,
            _ => granted.push((now, 1)),
        }
        if self.0.len() > Self::REMEMBERED {
            return;
        }
        let mut answers = 0;
        for &(from, times) in self.0[&source].iter().rev() {
            answers += times;
            let time = now - from + limits::BURST_PER_SOURCE.max(Duration::from_secs(1));
            let most = time.as_secs_f64() * f64::from(rate.get()) + 1.0;
            assert!(answers as f64 <= most, "{source} drew {answers} answers in {time:?}");
            if now - from > LOOKED_BACK {
                break;
            }
        }
    }
}

/// By which interface each probe arrived, and when.
#[derive(Default)]
pub(super) struct Copies {
    arrived: BTreeMap<SocketAddr, (Instant, u32)>,
    last: Option<SocketAddr>,
}

impl Copies {
    const WITHIN: Duration = Duration::from_millis(20);

    /// Whether this may be a copy of a probe that arrived by another interface.
    pub(super) fn may_be(&self, now: Instant, source: SocketAddr, interface: Option<u32>) -> bool {
        let Some(interface) = interface else { return false };
        let arrived = self.arrived.get(&source);
        arrived.is_some_and(|&(at, by)| by != interface && now - at < Self::WITHIN)
    }

    /// Whether it must be known for one. Other sources may take its place.
    pub(super) fn must_be(&self, now: Instant, source: SocketAddr, interface: Option<u32>) -> bool {
        self.last == Some(source) && self.may_be(now, source, interface)
    }

    /// The last may have been refused after all, so that a copy of it is answered.
    pub(super) fn doubt(&mut self) {
        self.last = None;
    }

    pub(super) fn note(&mut self, now: Instant, source: SocketAddr, interface: Option<u32>) {
        if let Some(interface) = interface {
            self.arrived.insert(source, (now, interface));
            self.last = Some(source);
        }
    }
}

/// What was said of neighbours, and which of them were answered all the same.
#[derive(Default)]
pub(super) struct Neighbours {
    resolved: BTreeMap<IpAddr, Instant>,
    unresolved: BTreeMap<IpAddr, (Instant, u64)>,
    /// Verdicts so far. Each may take the place of another.
    verdicts: u64,
    pub(super) lookups: u64,
    pub(super) buffer_is_empty: bool,
    /// So that more than one answer may wait for a neighbour.
    pub(super) has_room: bool,
    used: u32,
    capacity: u32,
}

impl Neighbours {
    const RESOLVED_FOR: Duration = Duration::from_millis(100);

    pub(super) fn new() -> Self {
        Self { buffer_is_empty: true, has_room: true, ..Self::default() }
    }

    /// How much of the send buffer is taken.
    pub(super) fn take_room(&mut self, used: u32, capacity: u32) {
        (self.used, self.capacity) = (used, capacity);
        let is_below = |part: u64| {
            u64::from(used).saturating_mul(256) < part * u64::from(capacity) || capacity == 0
        };
        (self.buffer_is_empty, self.has_room) = (is_below(1), is_below(96));
    }

    /// So many answers wait for a neighbour, each of which takes 832 bytes.
    pub(super) fn take_more(&mut self, answers: usize) {
        let used = u32::try_from(answers).unwrap_or(u32::MAX).saturating_mul(832);
        self.take_room(self.used.saturating_add(used), self.capacity);
    }

    pub(super) fn resolve(&mut self, now: Instant, asker: IpAddr) {
        self.verdicts += 1;
        self.resolved.insert(asker, now);
    }

    pub(super) fn is_resolved(&self, now: Instant, asker: IpAddr) -> bool {
        self.resolved.get(&asker).is_some_and(|&at| now - at < Self::RESOLVED_FOR)
    }

    /// Whether an answer waits for a neighbour that is not resolved.
    pub(super) fn is_waiting(&self, now: Instant, asker: IpAddr) -> bool {
        let waiting = self.unresolved.get(&asker);
        waiting.is_some_and(|&(at, _)| now - at < limits::NEIGHBOUR_WAIT)
    }

    /// Some neighbour's place may have been taken.
    pub(super) fn forget(&mut self) {
        self.verdicts += 1;
    }

    /// One answer waits for a neighbour that is not resolved; no other does in a buffer that fills,
    /// unless it was forgotten for somebody else.
    pub(super) fn wait(&mut self, now: Instant, asker: IpAddr) {
        if let Some(&(_, verdicts)) = self.unresolved.get(&asker) {
            let is_forgotten = verdicts < self.verdicts;
            let may_wait = is_forgotten || self.has_room || !self.is_waiting(now, asker);
            assert!(may_wait, "two answers wait for {asker}");
        }
        self.verdicts += 1;
        self.unresolved.insert(asker, (now, self.verdicts));
    }
}

/// When each source was told of that asks too often.
#[derive(Default)]
pub(super) struct Told {
    at: BTreeMap<IpAddr, Instant>,
    refused: u64,
}

impl Told {
    pub(super) const EVERY: Duration = Duration::from_secs(60);

    /// A source was told of; `refused_in_all` probes were refused.
    pub(super) fn tell(&mut self, now: Instant, insistent: Insistent, refused_in_all: u64) {
        let before = self.at.insert(insistent.source, now);
        assert!(before.is_none_or(|before| now - before >= Self::EVERY), "told twice a minute");
        self.refused += insistent.refused;
        assert!(insistent.refused > 0 && self.refused <= refused_in_all);
    }
}
