//! What DNS-SD tells of servers, beside what they answer.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use tracing::debug;

use super::PresenceEngine;
use super::instance::{Instance, as_announced, has_started_anew, is_left_of};
use super::look::Kind;
use super::newcomer::place;
use crate::ServerRecord;
use crate::announced::{AnnouncedKey, Announcement, ServiceType};
use crate::wire::Protocol;

impl PresenceEngine {
    /// How long a server that said goodbye is given to answer a probe all the same.
    pub(super) const FAREWELL: Duration = Duration::from_millis(300);
    /// The least time between two looks that goodbyes ask for. Not less than the farewell: nobody is found
    /// to be silent in a look that is over before that.
    pub(super) const BETWEEN_FAREWELLS: Duration = Self::FAREWELL;

    /// Takes what a browser of DNS-SD heard.
    ///
    /// A server of `_cooee._udp` is one with that which answers probes from one of its addresses; only
    /// those of other types, and those that do not answer, are there as long as they are announced. A
    /// server that answers probes, and says goodbye, is probed at once: it is gone if it is silent for
    /// 300 ms, or its host says that nothing listens there. One that is announced and yet silent goes as
    /// any other.
    pub fn handle_announcement(&mut self, now: Instant, news: &Announcement) {
        if self.has_stopped {
            return;
        }
        let announced = news.announced();
        let key = announced.key();
        let is_ours = announced.service == ServiceType::cooee();
        self.note_news_of(&key);
        match news {
            Announcement::Gone(_) => return self.take_leave(now, &BTreeSet::from([key])),
            Announcement::Found(_) | Announcement::Changed(_) => {}
        }
        let is_known = self.instances.contains_key(&key);
        if !is_known && !self.make_room(now) {
            return;
        }
        let before = self.instances.get(&key);
        let anew = before.is_some_and(|before| has_started_anew(&before.announced, announced));
        // What is left of one that is gone changes as its records expire.
        let is_left = before.is_some_and(|it| it.is_stale && is_left_of(&it.announced, announced));
        let is_stale = is_left && !anew && matches!(news, Announcement::Changed(_));
        let instance = Instance::new(announced.clone(), is_stale, &self.config);
        self.instances.insert(key.clone(), instance);
        if is_ours {
            let addresses = announced.addresses.iter().map(|it| it.ip).collect();
            self.roll.note_announced(&key, addresses);
        }
        if is_stale {
            return;
        }
        if !is_known {
            self.roll.stay(&key);
        }
        if anew {
            debug!(name = announced.instance, "started anew");
            self.roll.start_anew(&key);
        }
        self.look.discovery.handle_announcement(now, news);
        self.take_events(now);
        let named = self.take_named_as(|it| *it == key);
        let superseded = is_known && self.supersede(&key);
        self.note(now, named || superseded);
        self.look_soon(now, Self::BETWEEN_FAREWELLS);
    }

    /// Dismisses what was only announced as this instance, at a port or on a link where it is no more, or at
    /// all if it has no service or address any more.
    fn supersede(&mut self, key: &AnnouncedKey) -> bool {
        let servers = self.look.discovery.servers().iter();
        let is_of_it = |it: &&ServerRecord| it.named.as_ref().is_some_and(|it| it.key == *key);
        let listed: Vec<_> = servers.filter(is_of_it).collect();
        if self.instances.get(key).is_some_and(|it| !it.is_there()) {
            self.newcomers.retain(|it| !it.is_only_announced_as(key));
            return self.roll.supersede(key, &[], self.look.round);
        }
        // Nothing is listed of it when the list is full, which says nothing.
        let Some(first) = listed.first() else { return false };
        for waiting in self.newcomers.iter_mut().filter(|it| it.is_only_announced_as(key)) {
            if !listed.iter().any(|it| waiting.is(it)) {
                waiting.server = (*first).clone();
            }
        }
        self.roll.supersede(key, &listed, self.look.round)
    }

    /// Begins a look when the current one has lasted for `at_least`.
    pub(super) fn look_soon(&mut self, now: Instant, at_least: Duration) {
        self.pace.quicken(now);
        if self.look.kind == Kind::Round || self.reopens {
            self.next_at = self.next_at.min((self.look.begun + at_least).max(now));
        }
    }

    /// When those that said goodbye and are silent are gone: in a look in which answers are lost in this host,
    /// never.
    pub(super) fn parts_at(&self) -> Option<Instant> {
        let can_part = !self.look.has_parted && !self.drops_answers();
        let awaited = can_part && self.roll.awaits_parting(self.look.round);
        awaited.then(|| self.look.begun + Self::FAREWELL)
    }

    pub(super) fn part(&mut self, now: Instant) {
        if self.parts_at().is_some_and(|at| at <= now) {
            self.look.has_parted = true;
            // An answer that was taken for one of another that is announced there is news to nobody else.
            let named = self.take_named_as(|_| true);
            let gone = self.roll.part(self.look.round);
            self.note_departures();
            self.note(now, named || gone);
        }
    }

    /// What is still announced of servers that are gone is stale.
    pub(super) fn note_departures(&mut self) {
        for key in self.roll.departed() {
            self.instances.get_mut(&key).into_iter().for_each(|it| it.is_stale = true);
        }
    }

    /// A server that answered, with its name if one is announced for its address.
    pub(super) fn with_name(&mut self, now: Instant, server: ServerRecord) -> ServerRecord {
        if server.protocol == Protocol::DnsSd {
            return server;
        }
        let mut any = false;
        for instance in self.instances.values_mut() {
            if instance.is_of(&server) {
                instance.is_stale = false;
                let news = Announcement::Found(instance.announced.clone());
                self.look.discovery.handle_announcement(now, &news);
                any = true;
            }
        }
        let mut known = self.look.discovery.servers().iter().filter(|_| any);
        known.find(|it| place(it) == place(&server)).cloned().unwrap_or(server)
    }

    /// Tells the current look which servers are announced, so that those that answered have their names.
    pub(super) fn announce_all(&mut self, now: Instant) {
        for instance in self.instances.values().filter(|it| !it.is_stale) {
            let news = Announcement::Found(instance.announced.clone());
            self.look.discovery.handle_announcement(now, &news);
        }
        // They are taken from its list.
        while self.look.discovery.poll_event().is_some() {}
    }

    /// Takes the servers of the current look that have names, of these instances. Says whether something is
    /// to be told.
    fn take_named_as(&mut self, which: impl Fn(&AnnouncedKey) -> bool) -> bool {
        let mut news = false;
        let is_named = |it: &&ServerRecord| it.named.as_ref().is_some_and(|it| which(&it.key));
        for record in self.look.discovery.servers().iter().filter(is_named) {
            let Some(record) = as_announced(&self.instances, record) else { continue };
            // One that was not heard of may answer yet, and one that answered may tell more.
            let is_known = self.roll.knows(&record, self.look.round);
            if is_known || (record.protocol != Protocol::DnsSd && !self.may_tell_more(&record)) {
                news |= self.roll.hear(&record, self.look.round);
            }
        }
        news
    }
}
