use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::limits;

/// How many more neighbours the system can look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeighbourRoom {
    /// Neighbours that it is looking for.
    pub waiting: u32,
    /// Places that its neighbour table has left.
    pub free: u32,
}

/// The probes that wait until the system gives up looking for a neighbour.
///
/// Each takes a place in the neighbour table and a part of the send buffer for
/// [`limits::NEIGHBOUR_WAIT`]. Where the system tells how many there are, that counts; elsewhere
/// every address is taken for one that nobody has.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    since: VecDeque<Instant>,
    read: Option<Reading>,
}

#[derive(Debug)]
struct Reading {
    at: Instant,
    room: NeighbourRoom,
    added_since: u32,
}

impl Waiting {
    /// How long a reading of the system's table is good for.
    const READ_EVERY: Duration = Duration::from_millis(50);

    /// Whether one more may wait at `now`; if not, when to ask again.
    pub(super) fn has_room(&mut self, now: Instant) -> Result<(), Instant> {
        let gone =
            |since: &Instant| now.saturating_duration_since(*since) >= limits::NEIGHBOUR_WAIT;
        while self.since.front().is_some_and(gone) {
            self.since.pop_front();
        }
        // What was counted so long ago has been given up, and whoever counted does so no more.
        let outdated = |reading: &mut Reading| {
            now.saturating_duration_since(reading.at) >= limits::NEIGHBOUR_WAIT
        };
        self.read.take_if(outdated);
        match &self.read {
            Some(reading) => {
                // Those that wait take no more than half of the places that there would be for them.
                let places = reading.room.free.saturating_add(reading.room.waiting);
                let most = limits::NEIGHBOURS_WAITING.min(places / 2).max(1);
                let waiting = reading.room.waiting + reading.added_since;
                if waiting < most { Ok(()) } else { Err(now + Self::READ_EVERY) }
            }
            None if self.since.len() < limits::NEIGHBOURS_WAITING as usize => Ok(()),
            None => Err(self.since.front().map_or(now, |&first| first + limits::NEIGHBOUR_WAIT)),
        }
    }

    /// Notes that one more waits.
    pub(super) fn add(&mut self, now: Instant) {
        match &mut self.read {
            Some(reading) => reading.added_since += 1,
            None => self.since.push_back(now),
        }
    }

    /// Whether a new reading is due.
    pub(super) fn is_stale(&self, now: Instant) -> bool {
        let old = |reading: &Reading| now.saturating_duration_since(reading.at) >= Self::READ_EVERY;
        self.read.as_ref().is_none_or(old)
    }

    pub(super) fn read(&mut self, now: Instant, room: NeighbourRoom) {
        self.read = Some(Reading { at: now, room, added_since: 0 });
        self.since.clear();
    }
}
