//! Which neighbours an answer reaches at once, and which make it wait.
//!
//! What is sent to a neighbour that nobody is waits in the kernel for [`limits::NEIGHBOUR_WAIT`],
//! and takes a part of the send buffer for as long. A few hundred of those fill it, and then nobody
//! is answered. So answers to neighbours that are not resolved may take a part of the buffer only:
//! the larger one is for those that nothing was sent to yet, and the smallest for those that an
//! answer waits for already.

use std::time::{Duration, Instant};

use super::ProbeRefusal;
use super::source::SourceId;
use crate::limits;

/// Whether the system has the link address of a neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NeighbourState {
    /// It has: datagrams leave at once.
    Resolved,
    /// It has not: datagrams wait until the address is found or the search is given up.
    Unresolved,
    /// The system does not report it.
    Unknown,
}

/// What is known of neighbours, each in one of the places of its set. Two that shared a single place
/// would make each other new again with every probe.
#[derive(Debug)]
pub(super) struct Neighbours {
    /// Each set takes memory once a neighbour of it is met.
    known: Box<[Option<Box<Set>>]>,
    /// How much of the send buffer is taken, in 256ths.
    taken: u32,
    used: u32,
    capacity: u32,
}

type Set = [Option<Known>; limits::NEIGHBOUR_WAYS];

#[derive(Debug, Clone, Copy)]
struct Known {
    source: SourceId,
    verdict: Verdict,
    at: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Resolved,
    /// Answers wait for it since then, or waited in vain.
    Waiting,
    /// The same, and it was silent before.
    Silent,
}

impl Neighbours {
    /// How long a resolved neighbour is taken to stay so.
    const RESOLVED_FOR: Duration = Duration::from_millis(100);
    /// How long one that did not answer is taken to be nobody.
    const NOBODY_FOR: Duration = Duration::from_secs(30);
    /// The part of the send buffer that answers to neighbours not seen before may take; further
    /// answers to those, a hundred in Linux's default buffer; those to neighbours that did not
    /// answer before; and further answers to these; of 256. The last leaves one, if next to nothing
    /// waits any more: an interface that went down drops what waited, and a system that refuses to
    /// send never took it.
    const TAKEN_BY_NEW: u32 = 128;
    const TAKEN_BY_WAITING: u32 = 96;
    const TAKEN_BY_NOBODY: u32 = 64;
    const TAKEN_BY_SILENT: u32 = 1;

    pub(super) fn new() -> Self {
        let sets = limits::NEIGHBOURS_REMEMBERED / limits::NEIGHBOUR_WAYS;
        Self { known: vec![None; sets].into_boxed_slice(), taken: 0, used: 0, capacity: 0 }
    }

    /// Takes how much of the send buffer is taken, in bytes.
    pub(super) fn handle_send_room(&mut self, used: u32, capacity: u32) {
        (self.used, self.capacity) = (used, capacity);
        self.taken =
            u64::from(used).saturating_mul(256).checked_div(capacity.into()).unwrap_or(0).min(256)
                as u32;
    }

    /// Takes account of answers that will wait, until it is known what they take. A batch of probes
    /// may draw many.
    pub(super) fn note_waiting(&mut self, answers: usize) {
        /// What Linux takes for a datagram of this size.
        const ANSWER: u32 = 832;
        let used = ANSWER.saturating_mul(u32::try_from(answers).unwrap_or(u32::MAX));
        self.handle_send_room(self.used.saturating_add(used), self.capacity);
    }

    /// Whether `source` was resolved a moment ago, so that nobody needs to be asked.
    pub(super) fn is_resolved(&self, now: Instant, source: SourceId) -> bool {
        self.of(source).is_some_and(|known| {
            known.verdict == Verdict::Resolved
                && now.saturating_duration_since(known.at) < Self::RESOLVED_FOR
                && self.taken < Self::TAKEN_BY_NOBODY
        })
    }

    /// Whether an answer may be sent to `source`, which is `state`.
    pub(super) fn admit(
        &mut self,
        now: Instant,
        source: SourceId,
        state: NeighbourState,
    ) -> Result<(), ProbeRefusal> {
        match state {
            NeighbourState::Unknown => return Ok(()),
            NeighbourState::Resolved => self.note(now, source, Verdict::Resolved),
            NeighbourState::Unresolved => {
                let (most, verdict, at) = self.unresolved(now, source);
                if self.taken >= most {
                    return Err(ProbeRefusal::Unresolved);
                }
                self.note(at, source, verdict);
            }
        }
        Ok(())
    }

    /// How much of the buffer may be taken for an answer to one that is not resolved, and what to
    /// note of it if it is sent.
    fn unresolved(&self, now: Instant, source: SourceId) -> (u32, Verdict, Instant) {
        let new = (Self::TAKEN_BY_NEW, Verdict::Waiting, now);
        let Some(known) = self.of(source) else { return new };
        let since = now.saturating_duration_since(known.at);
        match known.verdict {
            Verdict::Resolved => new,
            // Counted from the first answer on, so that who is nobody is known for it in time.
            Verdict::Waiting if since < limits::NEIGHBOUR_WAIT => {
                (Self::TAKEN_BY_WAITING, Verdict::Waiting, known.at)
            }
            Verdict::Silent if since < limits::NEIGHBOUR_WAIT => {
                (Self::TAKEN_BY_SILENT, Verdict::Silent, now)
            }
            _ if since < Self::NOBODY_FOR => (Self::TAKEN_BY_NOBODY, Verdict::Silent, now),
            _ => new,
        }
    }

    /// Whether an answer to somebody beyond a router may be sent: a router that does not answer
    /// must not fill the buffer either.
    pub(super) fn admit_routed(&self) -> Result<(), ProbeRefusal> {
        const MOST: u32 = 192;
        if self.taken < MOST { Ok(()) } else { Err(ProbeRefusal::Unresolved) }
    }

    fn set(&self, source: SourceId) -> usize {
        source.0 as usize % self.known.len()
    }

    fn of(&self, source: SourceId) -> Option<Known> {
        let set = self.known[self.set(source)].as_ref()?;
        set.iter().flatten().find(|known| known.source == source).copied()
    }

    /// Notes it in the place that it has, else in an empty one, else in the oldest.
    fn note(&mut self, now: Instant, source: SourceId, verdict: Verdict) {
        let set = self.set(source);
        let age = |place: &Option<Known>| match place {
            Some(known) if known.source == source => None,
            known => Some(known.map(|known| known.at)),
        };
        let places = self.known[set].get_or_insert_with(Box::default);
        if let Some(place) = places.iter_mut().min_by_key(|place| age(place)) {
            *place = Some(Known { source, verdict, at: now });
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
mod tests {
    use super::*;

    const UNRESOLVED: NeighbourState = NeighbourState::Unresolved;

    #[test]
    fn a_hundred_answers_wait_for_a_neighbour_that_may_be_there() {
        let (mut neighbours, start) = (Neighbours::new(), Instant::now());
        let (one, other) = (SourceId(1), SourceId(2));
        // As Linux counts: 768 bytes for each datagram, of 208 KiB.
        for waiting in 0..100 {
            neighbours.handle_send_room(768 * waiting, 212_992);
            assert_eq!(neighbours.admit(start, one, UNRESOLVED), Ok(()), "{waiting}");
        }
        neighbours.handle_send_room(96, 256);
        assert_eq!(neighbours.admit(start, one, UNRESOLVED), Err(ProbeRefusal::Unresolved));
        assert_eq!(neighbours.admit(start, other, UNRESOLVED), Ok(()));
        assert_eq!(neighbours.admit(start, one, NeighbourState::Resolved), Ok(()));
        assert!(!neighbours.is_resolved(start, one), "the buffer is too full to trust it");
        neighbours.handle_send_room(0, 256);
        assert!(neighbours.is_resolved(start, one));
        assert!(!neighbours.is_resolved(start + Duration::from_secs(1), one));
        assert!(!neighbours.is_resolved(start, other));
    }

    #[test]
    fn one_answer_waits_for_a_neighbour_that_was_silent_however_often_it_is_asked_for() {
        let (mut neighbours, start) = (Neighbours::new(), Instant::now());
        let nobody = SourceId(1);
        neighbours.handle_send_room(2, 256);
        let mut sent = Vec::new();
        for tenth in 0..120 {
            let now = start + Duration::from_millis(100) * tenth;
            if neighbours.admit(now, nobody, UNRESOLVED).is_ok() {
                sent.push(tenth);
            }
        }
        // For as long as it may yet be found, and then once each time that a wait is over.
        assert_eq!(sent, (0..=30).chain([60, 90]).collect::<Vec<_>>());
    }

    #[test]
    fn neighbours_of_one_set_are_remembered_beside_each_other() {
        let (mut neighbours, start) = (Neighbours::new(), Instant::now());
        let sets = neighbours.known.len() as u64;
        let of_one_set = |n: usize| SourceId(7 + n as u64 * sets);
        for n in 0..limits::NEIGHBOUR_WAYS {
            assert_eq!(neighbours.admit(start, of_one_set(n), UNRESOLVED), Ok(()));
        }
        neighbours.handle_send_room(120, 300);
        let later = start + Duration::from_secs(1);
        for n in 0..limits::NEIGHBOUR_WAYS {
            let again = neighbours.admit(later, of_one_set(n), UNRESOLVED);
            assert_eq!(again, Err(ProbeRefusal::Unresolved), "{n}");
        }
        let newest = of_one_set(limits::NEIGHBOUR_WAYS);
        assert_eq!(neighbours.admit(later, newest, UNRESOLVED), Ok(()));
        assert!(neighbours.of(newest).is_some() && neighbours.of(of_one_set(1)).is_some());
    }

    #[test]
    fn who_is_nobody_leaves_room_for_who_is_new() {
        let (mut neighbours, start) = (Neighbours::new(), Instant::now());
        let nobody = SourceId(1);
        assert_eq!(neighbours.admit(start, nobody, UNRESOLVED), Ok(()));
        let later = start + limits::NEIGHBOUR_WAIT;
        neighbours.handle_send_room(100, 300);
        assert_eq!(neighbours.admit(later, nobody, UNRESOLVED), Err(ProbeRefusal::Unresolved));
        assert_eq!(neighbours.admit(later, SourceId(2), UNRESOLVED), Ok(()));
        neighbours.handle_send_room(200, 300);
        assert_eq!(neighbours.admit(later, SourceId(3), UNRESOLVED), Err(ProbeRefusal::Unresolved));
        assert_eq!(neighbours.admit(later, SourceId(3), NeighbourState::Resolved), Ok(()));
        neighbours.handle_send_room(0, 0);
        assert_eq!(neighbours.admit(later, nobody, UNRESOLVED), Ok(()));
    }
}
