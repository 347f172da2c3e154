//! In which rounds a server was heard, and how long it takes to answer.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ipnet::IpNet;

use super::occasion::{Occasion, RungId};
use super::rung::Rung;

/// The instants at which a source was called, by whichever rung.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calls<'a> {
    pub(super) rungs: &'a [Rung],
    /// This host's addresses and networks.
    pub(super) own: &'a [IpNet],
    pub(super) source: SocketAddr,
}

impl Calls<'_> {
    /// Calls that are no further apart cannot be told from one another.
    const APART: Duration = Duration::from_millis(1);

    fn until(&self, now: Instant) -> Vec<Instant> {
        let mut calls = Vec::new();
        let is_on_link = self.own.iter().any(|net| net.contains(&self.source.ip()));
        for rung in self.rungs {
            // Beyond our links a broadcast reaches nobody, if something else did.
            if is_on_link || calls.is_empty() || !rung.plan.is_broadcast() {
                let visit = &mut |at| calls.extend((at <= now).then_some(at));
                rung.plan.each_call(self.source, visit);
            }
        }
        calls.sort_unstable();
        calls.dedup_by(|later, earlier| *later - *earlier < Self::APART);
        calls
    }

    /// The time since the source was first called.
    pub(super) fn longest_delay(&self, now: Instant) -> Duration {
        let first = self.until(now).first().copied();
        first.map_or(Duration::ZERO, |first| now.saturating_duration_since(first))
    }
}

/// In how many rounds of a rung a server was heard.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attendance {
    pub(super) rung: RungId,
    pub(super) rounds: u32,
    last: u32,
    answers: u32,
    in_last: u32,
    /// Whether it answered two probes of one round.
    pub(super) answered_twice: bool,
    /// Whether it may have taken so long to answer that answers are still on their way.
    pub(super) is_late: bool,
    /// When it was first heard, if that may have been an answer to any of several probes.
    unclear_since: Option<Instant>,
}

impl Attendance {
    /// A round trip that no link explains: somebody waited for something.
    pub(super) const LATE: Duration = Duration::from_millis(500);
    /// By how much two answers of a server may differ in how long they took.
    const STEADY: Duration = Duration::from_millis(25);

    /// A server that is heard for the first time, and its round trip, if only one probe can have
    /// been answered.
    pub(super) fn begin(occasion: Occasion, calls: &Calls<'_>) -> (Self, Option<Duration>) {
        let calls = calls.until(occasion.now);
        let rtt = match calls[..] {
            [only] if !occasion.waited => Some(occasion.now - only),
            _ => None,
        };
        let first = calls.first().copied().unwrap_or(occasion.now);
        let is_late = occasion.now - first >= Self::LATE;
        let unclear = rtt.is_none() && !occasion.waited;
        let (rung, last) = (occasion.rung, occasion.round);
        let unclear_since = unclear.then_some(occasion.now);
        let (answers, in_last, answered_twice) = (1, 1, false);
        (
            Self {
                rung,
                rounds: 1,
                last,
                answers,
                in_last,
                answered_twice,
                is_late,
                unclear_since,
            },
            rtt,
        )
    }

    /// Counts one more answer. Returns the round trip if it is clear now, and was not before: both
    /// answers took about as long for one pair of probes only.
    pub(super) fn attend(&mut self, occasion: Occasion, calls: &Calls<'_>) -> Option<Duration> {
        self.answers += 1;
        if self.rung == occasion.rung && self.last < occasion.round {
            self.rounds += 1;
            self.last = occasion.round;
            self.in_last = 0;
        }
        self.in_last += 1;
        self.answered_twice |= self.in_last > 1;
        let first = self.unclear_since.filter(|_| !occasion.waited)?;
        let calls = calls.until(occasion.now);
        let mut delays = Vec::new();
        for (n, earlier) in calls.iter().enumerate().take_while(|(_, call)| **call <= first) {
            for later in &calls[n + 1..] {
                let delay = first - *earlier;
                if delay.abs_diff(occasion.now - *later) < Self::STEADY {
                    delays.push(delay);
                }
            }
        }
        let [delay] = delays[..] else { return None };
        self.unclear_since = None;
        Some(delay)
    }

    /// How many of its answers to `probes` arrived, which were sent in so many rounds.
    pub(super) fn arrived(&self, rounds: u32, probes: u32) -> u32 {
        let missed = rounds.saturating_sub(self.rounds);
        self.answers.min(probes.saturating_sub(missed))
    }

    /// In how many of the first `rounds` it was heard.
    pub(super) fn within(&self, rounds: u32) -> u32 {
        if self.last > rounds { self.rounds - 1 } else { self.rounds }
    }
}
