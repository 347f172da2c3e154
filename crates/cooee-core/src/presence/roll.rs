//! The servers of the live view, and what is to be told of them.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use super::event::PresenceEvent;
use super::watched::{Key, Round, Watched, keys};
use crate::{ServerRecord, limits};

/// Names a server for as long as it is listed.
type Id = u64;

#[derive(Debug, Default)]
pub(super) struct Roll {
    servers: BTreeMap<Id, Watched>,
    ids: BTreeMap<Key, Id>,
    next: Id,
    /// Those of whom something is to be told. What happens to a server until it is told of is one
    /// event, so there are never more events than servers.
    queue: VecDeque<Id>,
    /// How many were not heard in the current round.
    unheard: usize,
    is_full: bool,
}

impl Roll {
    pub(super) fn len(&self) -> usize {
        self.servers.len()
    }

    /// Whether a server was left out since there are too many.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// How many were not heard in the current round.
    pub(super) fn unheard(&self) -> usize {
        self.unheard
    }

    /// Those that are there.
    pub(super) fn present(&self) -> impl Iterator<Item = &ServerRecord> {
        self.servers.values().filter(|it| !it.is_gone()).map(|it| &it.record)
    }

    fn find(&self, record: &ServerRecord) -> Option<Id> {
        // One that is gone and was not told of yet keeps its place until it is.
        keys(record).find_map(|key| self.ids.get(&key).copied())
    }

    /// Takes an answer. Says whether something is to be told.
    pub(super) fn hear(&mut self, record: &ServerRecord, round: Round) -> bool {
        let id = match self.find(record) {
            Some(id) => id,
            None if self.servers.len() >= limits::WATCHED_MAX => {
                self.is_full = true;
                return false;
            }
            None => {
                let id = self.next;
                self.next += 1;
                self.servers.insert(id, Watched::new(record.clone(), round));
                self.index(id);
                return self.queue(id);
            }
        };
        let Some(known) = self.servers.get_mut(&id) else { return false };
        if known.hear(record, round) {
            self.unheard = self.unheard.saturating_sub(1);
        }
        self.index(id);
        self.queue(id)
    }

    /// Whether it is news, and may be a server that had another IPv4 address: one on the same link
    /// that has been heard over IPv6, and not in this round at its IPv4 address.
    pub(super) fn may_have_moved(&self, record: &ServerRecord, round: Round) -> bool {
        let may_be = |it: &Watched| {
            let (known, is_v6) = (&it.record, |ip: &IpAddr| ip.is_ipv6());
            (known.interface, known.port) == (record.interface, record.port)
                && !known.this_host
                && (known.other_addresses.iter().any(is_v6) || known.named_beside.is_some())
                && !it.was_heard_in(round)
        };
        let is_new = record.ip.is_ipv4() && !record.this_host && self.find(record).is_none();
        is_new && self.len() < limits::WATCHED_MAX && self.servers.values().any(may_be)
    }

    /// Has the server be recognised by what is known of it now, unless another is.
    fn index(&mut self, id: Id) {
        let Some(known) = self.servers.get_mut(&id) else { return };
        let mut now: Vec<Key> = keys(&known.record).collect();
        let ids = &mut self.ids;
        now.retain(|key| *ids.entry(*key).or_insert(id) == id);
        for key in std::mem::replace(&mut known.keys, now) {
            if !known.keys.contains(&key) {
                ids.remove(&key);
            }
        }
    }

    fn forget(&mut self, id: Id) {
        let known = self.servers.remove(&id);
        for key in known.into_iter().flat_map(|it| it.keys) {
            self.ids.remove(&key);
        }
    }

    fn queue(&mut self, id: Id) -> bool {
        let Some(known) = self.servers.get_mut(&id) else { return false };
        let has_news = known.has_news();
        if has_news && !std::mem::replace(&mut known.is_queued, true) {
            self.queue.push_back(id);
        }
        has_news
    }

    /// Takes word from the host of `address` that nothing listens there.
    pub(super) fn refuse(&mut self, address: SocketAddr, round: Round) {
        for known in self.at(address) {
            known.refuse(round);
        }
    }

    /// Takes back a call to `address` that was not sent for want of room.
    pub(super) fn uncall(&mut self, address: SocketAddr) {
        for known in self.at(address) {
            known.last_calls = known.last_calls.saturating_sub(1);
        }
    }

    fn at(&mut self, address: SocketAddr) -> impl Iterator<Item = &mut Watched> {
        let is_it = move |source: SocketAddr| {
            (source.ip(), source.port()) == (address.ip(), address.port())
        };
        self.servers.values_mut().filter(move |it| is_it(it.record.source))
    }

    /// A round begins.
    pub(super) fn begin(&mut self) {
        self.unheard = self.servers.len();
    }

    /// Where those answered from that are to be called alone now, those in doubt first.
    pub(super) fn call_due(
        &mut self,
        round: Round,
        which: impl Fn(&Watched) -> bool,
    ) -> Vec<SocketAddr> {
        let unheard = |it: &&mut Watched| !it.was_heard_in(round) && !it.is_gone() && which(it);
        let mut due: Vec<_> = self.servers.values_mut().filter(unheard).collect();
        // Which of the others are left out changes from round to round.
        let turn = if due.is_empty() { 0 } else { round as usize % due.len() };
        due.rotate_left(turn);
        due.sort_by_key(|it| !it.is_in_doubt);
        due.truncate(limits::WATCHED_CALLS_AT_ONCE);
        due.iter_mut().for_each(|it| it.last_calls += 1);
        due.iter().map(|it| it.record.source).collect()
    }

    /// A round is over: those that were not heard have missed it. Says whether any has.
    pub(super) fn end(&mut self, round: Round) -> bool {
        let unheard: Vec<Id> = self
            .servers
            .iter()
            .filter(|(_, it)| !it.was_heard_in(round) && !it.is_gone())
            .map(|(id, _)| *id)
            .collect();
        for &id in &unheard {
            if self.servers.get_mut(&id).is_some_and(|it| it.miss(round)) {
                self.queue(id);
            }
        }
        !unheard.is_empty()
    }

    pub(super) fn poll_event(&mut self) -> Option<PresenceEvent> {
        loop {
            let id = self.queue.pop_front()?;
            let Some(known) = self.servers.get_mut(&id) else { continue };
            known.is_queued = false;
            let event = known.tell(id);
            if known.is_gone() {
                self.forget(id);
            }
            if event.is_some() {
                return event;
            }
        }
    }
}
