//! In which rounds a server was heard, and how long it takes to answer.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::occasion::{Occasion, RungId};
use super::own::Own;
use super::rung::Rung;
use super::via::Via;

/// The instants at which a source was called, by whichever rung.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calls<'a> {
    pub(super) rungs: &'a [Rung],
    pub(super) own: &'a Own,
    pub(super) source: SocketAddr,
}

impl Calls<'_> {
    /// Calls that are no further apart cannot be told from one another.
    const APART: Duration = Duration::from_millis(1);

    /// The round in which this rung last called the source.
    pub(super) fn round_of(&self, id: RungId) -> Option<u32> {
        self.rungs.iter().find(|rung| rung.id == id)?.plan.round_of(self.source)
    }

    /// How the servers of this rung are found; by broadcast those that no rung called.
    pub(super) fn via(&self, id: RungId) -> Via {
        self.rungs.iter().find(|rung| rung.id == id).map_or(Via::Broadcast, |rung| rung.via)
    }

    /// In whose population the source counts, which a rung of this kind called, and in which round
    /// of it.
    ///
    /// A rung that calls known addresses says nothing of other servers. What is heard of those on a
    /// link that broadcasts reach tells how much gets lost on it.
    fn population(&self, via: Via, (id, round): (RungId, u32)) -> (RungId, u32) {
        if matches!(via, Via::Broadcast | Via::Sweep) || !self.own.is_reached(self.source.ip()) {
            return (id, round);
        }
        let broadcasts = self.rungs.iter().find(|rung| rung.plan.is_broadcast());
        let counted = |rung: &Rung| Some((rung.id, rung.plan.round_of(self.source)?));
        broadcasts.and_then(counted).unwrap_or((id, round))
    }

    /// Where an answer of a server counts that is counted in `rung`: in which round of it, or in that
    /// of another rung from now on; nowhere if it is no answer to the calls that are counted.
    fn counted(&self, rung: RungId, occasion: Occasion) -> Option<(RungId, u32)> {
        let here = (occasion.rung, occasion.round);
        if rung == occasion.rung {
            return Some(here);
        }
        let via = self.via(rung);
        // Another rung may have come to call it too. What counts is how often it is heard.
        let Some(round) = self.round_of(rung) else {
            // At an address that was not called itself, it has heard a broadcast.
            let is_drawn = via.is_by_address() && self.via(occasion.rung) == Via::Broadcast;
            return Some(if is_drawn { here } else { (rung, occasion.round) });
        };
        let ip = self.source.ip();
        let is_no_answer = via == Via::Broadcast && ip.is_ipv6() && !self.own.is_reached(ip);
        (!is_no_answer).then_some((rung, round))
    }

    /// Whether this rung called everybody, and none of that kind the source.
    pub(super) fn have_drawn(&self, rung: RungId, via: Via) -> bool {
        let mut calling = self.rungs.iter().filter(|rung| rung.via == via);
        self.via(rung) == Via::Broadcast
            && !calling.any(|rung| rung.plan.round_of(self.source).is_some())
    }

    /// Whether it was called by its own address since the last broadcast too.
    fn were_direct(&self) -> bool {
        let last = |to_everybody: bool| {
            let mut last = None;
            for rung in self.rungs.iter().filter(|it| it.plan.is_broadcast() == to_everybody) {
                rung.plan.each_call(self.source, &mut |at| last = last.max(Some(at)));
            }
            last
        };
        last(false) >= last(true)
    }

    /// Whether a rung of this kind called the source at that instant.
    fn were_made_by(&self, via: Via, at: Instant) -> bool {
        let mut made = false;
        for rung in self.rungs.iter().filter(|rung| rung.via == via) {
            rung.plan.each_call(self.source, &mut |call| {
                made |= call.max(at) - call.min(at) < Self::APART;
            });
        }
        made
    }

    /// How many calls there were from the first that a rung of this kind made, to that at `last`.
    fn since_first_of(&self, via: Via, last: Instant) -> usize {
        let mut first = None;
        for rung in self.rungs.iter().filter(|rung| rung.via == via) {
            rung.plan.each_call(self.source, &mut |at| {
                first = Some(first.map_or(at, |first: Instant| first.min(at)));
            });
        }
        let calls = self.in_order(last);
        first.map_or(0, |first| calls.iter().filter(|call| **call >= first).count())
    }

    /// Visits the calls until `now`, in no order.
    fn each_until(&self, now: Instant, mut visit: impl FnMut(Instant)) {
        let mut any = false;
        for rung in self.rungs {
            // Beyond our links a broadcast reaches nobody, if something else did.
            if any && rung.plan.is_broadcast() && !self.is_on_link() {
                continue;
            }
            rung.plan.each_call(self.source, &mut |at| {
                if at <= now {
                    any = true;
                    visit(at);
                }
            });
        }
    }

    /// The rounds in which the source was called, by all rungs together: passes of a sweep and calls
    /// of its own count too, for it answers those as well.
    pub(super) fn rounds(&self) -> u32 {
        let drawn = |rung: &Rung| {
            let most = rung.plan.most_answers(self.source);
            most.or_else(|| rung.plan.round_of(self.source))
        };
        let rounds: u32 = self.rungs.iter().filter_map(drawn).sum();
        // Two interfaces on one link are two probes in each, and both answers may come by one.
        rounds * self.own.links_to(self.source.ip()).max(1)
    }

    fn is_on_link(&self) -> bool {
        self.own.nets.iter().any(|net| net.contains(&self.source.ip()))
    }

    /// The first and the last call.
    fn span(&self, now: Instant) -> Option<(Instant, Instant)> {
        let mut span = None;
        self.each_until(now, |at| {
            let (first, last) = span.unwrap_or((at, at));
            span = Some((at.min(first), at.max(last)));
        });
        span
    }

    /// The calls, in order.
    fn in_order(&self, now: Instant) -> Vec<Instant> {
        let mut calls = Vec::new();
        self.each_until(now, |at| calls.push(at));
        calls.sort_unstable();
        calls.dedup_by(|later, earlier| *later - *earlier < Self::APART);
        calls
    }
}

/// The first two answers whose calls are known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    called_at: Instant,
    later: Instant,
    pub(super) rtt: Duration,
    answers: u32,
}

impl Pair {
    /// Whether a broadcast drew the first, though a rung of this kind called the server too. Then it
    /// has answered those calls as well, and the broadcasts after the first of them. A host whose
    /// firewall keeps answers to broadcasts out hears one less: what was sent to a server opens it.
    pub(super) fn is_of_broadcast(&self, via: Via, calls: &Calls<'_>) -> bool {
        let explained = || calls.since_first_of(via, self.later);
        !calls.were_made_by(via, self.called_at) && self.answers as usize > explained()
    }
}

/// In how many rounds of a rung a server was heard.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attendance {
    pub(super) rung: RungId,
    pub(super) rounds: u32,
    last: u32,
    answers: u32,
    /// Answers from the source of the server's record alone. Others may speak of it, and are not it.
    own_answers: u32,
    /// Answers in the last round: from that source, and whether any came from another, such as its
    /// address of the other family. A server that was probed over both counts once for both.
    in_last: [u32; 2],
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
    /// From how many answers at the most it is found out which probe the first was for. A flood of them is
    /// not to have all calls compared for each.
    const TRIED: u32 = 4;

    /// A server that is heard for the first time: its round trip, if only one probe can have been
    /// answered, and how long it has taken at the most.
    pub(super) fn begin(
        occasion: Occasion,
        via: Via,
        calls: &Calls<'_>,
    ) -> (Self, Option<Duration>, Duration) {
        let (first, last) = calls.span(occasion.now).unwrap_or((occasion.now, occasion.now));
        let longest = occasion.now - first;
        let is_clear = last - first < Calls::APART && !occasion.waited;
        let rtt = is_clear.then_some(longest);
        let is_late = longest >= Self::LATE;
        let unclear = rtt.is_none() && !occasion.waited;
        let (rung, last) = calls.population(via, (occasion.rung, occasion.round));
        let begun = Self {
            rung,
            rounds: 1,
            last,
            answers: 1,
            own_answers: 1,
            in_last: [1, 0],
            answered_twice: false,
            is_late,
            unclear_since: unclear.then_some(occasion.now),
        };
        (begun, rtt, longest)
    }

    /// That of a server that was announced, and not heard.
    pub(super) fn none() -> Self {
        Self {
            rung: RungId::NONE,
            rounds: 0,
            last: 0,
            answers: 0,
            own_answers: 0,
            in_last: [0, 0],
            answered_twice: false,
            is_late: false,
            unclear_since: None,
        }
    }

    /// Counts the answers anew that are from the source of the record, which is another now.
    pub(super) fn change_source(&mut self) {
        self.own_answers = 1;
    }

    /// Counts one more answer, which is from the source of the record or from another. Returns what
    /// the first was called for by, and its round trip, if that is clear now, and was not before:
    /// both answers took about as long for one pair of probes only.
    pub(super) fn attend(
        &mut self,
        occasion: Occasion,
        is_own: bool,
        calls: &Calls<'_>,
    ) -> Option<Pair> {
        self.own_answers += u32::from(is_own);
        if let Some((rung, round)) = calls.counted(self.rung, occasion) {
            self.count(rung, round, is_own, calls);
        }
        let is_tried = is_own && !occasion.waited && self.own_answers <= Self::TRIED;
        let first = self.unclear_since.filter(|_| is_tried)?;
        let calls = calls.in_order(occasion.now);
        let mut only = None;
        for (n, earlier) in calls.iter().enumerate().take_while(|(_, call)| **call <= first) {
            for later in &calls[n + 1..] {
                let delay = first - *earlier;
                if delay.abs_diff(occasion.now - *later) < Self::STEADY
                    && only.replace((*earlier, *later, delay)).is_some()
                {
                    return None;
                }
            }
        }
        let (called_at, later, rtt) = only?;
        self.unclear_since = None;
        Some(Pair { called_at, later, rtt, answers: self.own_answers })
    }

    /// Counts an answer to a round of a rung: anew, if it is another rung.
    fn count(&mut self, rung: RungId, round: u32, is_own: bool, calls: &Calls<'_>) {
        if self.rung != rung {
            let anew = Self { rung, rounds: 0, last: 0, answers: 0, in_last: [0, 0], ..*self };
            *self = Self { answered_twice: false, ..anew };
        }
        if self.last < round {
            self.rounds += 1;
            self.last = round;
            self.in_last = [0, 0];
        }
        let before = self.in_last[0].max(self.in_last[1]);
        if is_own {
            self.in_last[0] += 1;
        } else {
            self.in_last[1] = 1;
        }
        let in_last = self.in_last[0].max(self.in_last[1]);
        self.answers += u32::from(in_last > before);
        if in_last > 1 && !self.answered_twice {
            // After a call of its own it may have answered that, which says nothing of pairs.
            self.answered_twice = !calls.were_direct();
        }
    }

    /// How many of its answers to `probes` arrived, which were sent in so many rounds.
    pub(super) fn arrived(&self, rounds: u32, probes: u32) -> u32 {
        let missed = rounds.saturating_sub(self.rounds);
        self.answers.min(probes.saturating_sub(missed))
    }

    /// Whether more answers came than one host gives in so many rounds: every second round of a
    /// broadcast has two probes, and a link may deliver a datagram twice.
    pub(super) fn is_doubled(&self, rounds: impl FnOnce() -> u32) -> bool {
        let most = |rounds: u32| rounds + rounds / 2 + 1;
        self.own_answers > most(0) && self.own_answers > most(rounds())
    }

    /// Whether it was heard in each of so many rounds, but perhaps the last.
    pub(super) fn is_regular(&self, rounds: u32) -> bool {
        rounds > 1 && self.rounds + 1 >= rounds
    }

    /// In how many of the first `rounds` it was heard.
    pub(super) fn within(&self, rounds: u32) -> u32 {
        if self.last > rounds { self.rounds - 1 } else { self.rounds }
    }
}
