//! Browsing that begins anew, since a flood had ended it: what was announced before may be gone.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use tracing::debug;

use super::PresenceEngine;
use super::awaited::Awaited;
use crate::announced::{AnnouncedKey, ServiceType};
use crate::limits;

impl PresenceEngine {
    /// How long a browser that has begun anew is given to hear of what is still there: it asks at once, and
    /// after 1, 3 and 7 s (RFC 6762 section 5.2), and answers take half a second at the most (section 6). With a
    /// fifth of the datagrams lost each way one in 60 is not heard.
    const ANNOUNCED_WITHIN: Duration = Duration::from_secs(8);

    /// Takes note that a browser of DNS-SD begins, which tells of all that is announced. What was announced
    /// to one before it, and is not within eight seconds, has said goodbye.
    pub fn handle_browsing_begun(&mut self, now: Instant) {
        let keys: BTreeSet<_> = self.instances.keys().cloned().collect();
        let by = (!keys.is_empty()).then_some(now + Self::ANNOUNCED_WITHIN);
        self.awaited = Awaited { keys, by };
    }

    /// Takes note that the browser hears nothing any more. What it did not hear may be there.
    pub fn handle_browsing_ended(&mut self) {
        self.awaited.by = None;
    }

    /// When those are gone that were not announced again.
    pub(super) fn dismisses_at(&self) -> Option<Instant> {
        self.awaited.by
    }

    pub(super) fn dismiss(&mut self, now: Instant) {
        if self.awaited.by.is_some_and(|by| by <= now) {
            let missing = std::mem::take(&mut self.awaited).keys;
            debug!(instances = missing.len(), "not announced again");
            self.take_leave(now, &missing);
        }
    }

    /// It was announced again, or has said goodbye.
    pub(super) fn note_news_of(&mut self, key: &AnnouncedKey) {
        self.awaited.keys.remove(key);
        if self.awaited.keys.is_empty() {
            self.awaited.by = None;
        }
    }

    /// Makes room for another instance; says whether there is any. Those that may be announced again take none,
    /// since nobody knows yet which of them a flood has left; but there are never more than twice as many in
    /// all, and beyond that each goes before its time that makes room for another.
    pub(super) fn make_room(&mut self, now: Instant) -> bool {
        let awaited = if self.awaited.by.is_some() { self.awaited.keys.len() } else { 0 };
        let all = self.instances.len();
        if all.saturating_sub(awaited) >= limits::ANNOUNCED_MAX {
            return false;
        }
        if all >= 2 * limits::ANNOUNCED_MAX
            && let Some(key) = self.awaited.keys.pop_last()
        {
            self.take_leave(now, &BTreeSet::from([key]));
        }
        true
    }

    /// These instances have said goodbye.
    pub(super) fn take_leave(&mut self, now: Instant, parting: &BTreeSet<AnnouncedKey>) {
        for key in parting {
            self.instances.remove(key);
            if *key.service() == ServiceType::cooee() {
                self.roll.note_announced(key, Vec::new());
            }
        }
        self.newcomers
            .retain(|it| it.server.named.as_ref().is_none_or(|it| !parting.contains(&it.key)));
        let (gone, stays) = self.roll.take_leave(parting, self.look.round);
        // What is announced again later is not what is left of them.
        self.note_departures();
        self.note(now, gone);
        if stays {
            self.look_soon(now, Self::BETWEEN_FAREWELLS);
        }
    }
}
