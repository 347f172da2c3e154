//! The servers of the live view, and what is to be told of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};

use super::event::PresenceEvent;
use super::key::{Key, keys, link_of, of_another_type};
use super::watched::{Round, Watched, is_hearsay};
use crate::announced::AnnouncedKey;
use crate::wire::Protocol;
use crate::{ServerRecord, limits};

/// Names a server for as long as it is listed.
type Id = u64;

#[derive(Debug, Default)]
pub(super) struct Roll {
    servers: BTreeMap<Id, Watched>,
    ids: BTreeMap<Key, Id>,
    next: Id,
    /// Servers with an event to report. Whatever happens to a server before its event is read becomes part
    /// of that event, so there are never more events than servers.
    queue: VecDeque<Id>,
    /// How many were not heard in the current round.
    unheard: usize,
    is_full: bool,
    /// The instances of those that are gone.
    departed: Vec<AnnouncedKey>,
    /// Where servers are announced; as many as instances are.
    announced: BTreeMap<AnnouncedKey, Vec<IpAddr>>,
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

    /// Whether it is listed, beyond doubt.
    pub(super) fn knows(&self, record: &ServerRecord, round: Round) -> bool {
        self.find(record).is_some() && self.contender(record, round).is_none()
    }

    /// The server that is known by the name of this one and has nothing else in common with it: it was heard
    /// in this round or the one before, where the name is not announced any more. It has moved, or another
    /// has taken its name.
    fn contender(&self, record: &ServerRecord, round: Round) -> Option<Id> {
        let named = record.named.as_ref().filter(|_| record.protocol != Protocol::DnsSd)?;
        let id = *self.ids.get(&Key::Named(named.key.clone(), record.port))?;
        let known = self.servers.get(&id)?;
        let announced = self.announced.get(&named.key)?;
        let is_elsewhere = !known.record.addresses().any(|ip| announced.contains(&ip));
        let is_known = |key: Key| !matches!(key, Key::Named(..)) && self.ids.contains_key(&key);
        let is_contended = is_elsewhere
            && !known.is_gone()
            && !known.is_only_announced()
            && !known.record.this_host
            && (known.was_heard_in(round) || known.was_heard_in(round - 1))
            && !keys(record).any(is_known);
        is_contended.then_some(id)
    }

    fn find(&self, record: &ServerRecord) -> Option<Id> {
        // One that is gone and was not told of yet keeps its place until it is.
        let exactly = keys(record).find_map(|key| self.ids.get(&key).copied());
        exactly.or_else(|| self.find_service(record))
    }

    /// The row of a service that was on one link and is on all now, or the other way round.
    fn find_service(&self, record: &ServerRecord) -> Option<Id> {
        let key = of_another_type(record)?;
        let last = if link_of(record) == 0 { u32::MAX } else { 0 };
        let links = Key::Service(key.clone(), 0)..=Key::Service(key.clone(), last);
        self.ids.range(links).next().map(|(_, id)| *id)
    }

    /// Takes an answer. Says whether something is to be told.
    pub(super) fn hear(&mut self, record: &ServerRecord, round: Round) -> bool {
        self.settle_name(record, round);
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
        if is_of_another(&known.record, record, &self.announced) {
            known.record.named = None;
        }
        let name = record.named.as_ref().or(known.record.named.as_ref());
        let announced = name.and_then(|it| self.announced.get(&it.key));
        if known.hear(record, announced.map_or(&[], Vec::as_slice), round) {
            self.unheard = self.unheard.saturating_sub(1);
        }
        let is_undecided = known.is_undecided(round);
        self.index(id);
        self.queue(id) || is_undecided
    }

    /// Takes its name from a server that was heard in this round too, where it is not announced any more.
    fn settle_name(&mut self, record: &ServerRecord, round: Round) {
        let contender = self.contender(record, round);
        let known = contender.and_then(|id| Some((id, self.servers.get_mut(&id)?)));
        if let Some((id, known)) = known.filter(|(_, it)| it.was_heard_in(round)) {
            known.record.named = None;
            self.index(id);
            self.queue(id);
        }
    }

    /// Takes the addresses at which the server of this instance is announced.
    pub(super) fn note_announced(&mut self, key: &AnnouncedKey, addresses: Vec<IpAddr>) {
        if addresses.is_empty() {
            self.announced.remove(key);
        } else {
            self.announced.insert(key.clone(), addresses);
        }
    }

    /// Whether it is news, and may be a server that had another IPv4 address or none: one on the same link
    /// that could be recognised otherwise, and was not heard at its address in this round.
    pub(super) fn may_have_moved(&self, record: &ServerRecord, round: Round) -> bool {
        let may_be = |it: &Watched| {
            let known = &it.record;
            let has_more = known.addresses().any(|ip| ip.is_ipv6()) || known.named.is_some();
            (known.interface, known.port) == (record.interface, record.port)
                && !known.this_host
                && has_more
                && !it.was_heard_at_its_address_in(round)
        };
        let is_new = record.ip.is_ipv4() && !record.this_host && self.find(record).is_none();
        is_new && self.len() < limits::WATCHED_MAX && self.servers.values().any(may_be)
    }

    /// Has the server be recognised by what is known of it now, unless another is.
    fn index(&mut self, id: Id) {
        let Some(known) = self.servers.get_mut(&id) else { return };
        let mut now: Vec<Key> = keys(&known.record).collect();
        let ids = &mut self.ids;
        now.retain(|key| *ids.entry(key.clone()).or_insert(id) == id);
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

    /// Whether something is to be told, or will soon be known.
    pub(super) fn has_news(&self, round: Round) -> bool {
        let mut queued = self.queue.iter().filter_map(|id| self.servers.get(id));
        queued.any(Watched::has_news) || self.servers.values().any(|it| it.is_undecided(round))
    }

    /// Takes word from the host of `address` that nothing listens there. Says whether a server is gone.
    pub(super) fn refuse(&mut self, address: SocketAddr, round: Round) -> bool {
        let gone: Vec<Id> = self.part_if(|it| is_at(it, address) && it.refuse(round));
        self.tell_departures(gone)
    }

    /// Takes back a call to `address` that was not sent for want of room.
    pub(super) fn uncall(&mut self, address: SocketAddr) {
        for known in self.servers.values_mut().filter(|it| is_at(it, address)) {
            known.last_calls = known.last_calls.saturating_sub(1);
        }
    }

    /// The servers that `part` finds to be gone now.
    fn part_if(&mut self, mut part: impl FnMut(&mut Watched) -> bool) -> Vec<Id> {
        let there = self.servers.iter_mut().filter(|(_, it)| !it.is_gone());
        there.filter_map(|(id, it)| part(it).then_some(*id)).collect()
    }

    fn tell_departures(&mut self, gone: Vec<Id>) -> bool {
        for &id in &gone {
            let known = self.servers.get(&id).map(|it| &it.record);
            let key = known.and_then(|it| Some(&it.named.as_ref()?.key));
            // That another host says no more of a server says nothing of what is announced.
            let is_itself = |key: &&AnnouncedKey| {
                let announced = self.announced.get(key).map_or(&[][..], Vec::as_slice);
                known.is_some_and(|it| !is_hearsay(it, announced))
            };
            self.departed.extend(key.filter(is_itself).cloned());
            self.queue(id);
        }
        !gone.is_empty()
    }

    /// The instances of servers that are gone, which may still be announced.
    pub(super) fn departed(&mut self) -> Vec<AnnouncedKey> {
        std::mem::take(&mut self.departed)
    }

    /// The servers of these instances said goodbye. Says whether any is gone, and whether any is to be called.
    pub(super) fn take_leave(
        &mut self,
        parting: &BTreeSet<AnnouncedKey>,
        round: Round,
    ) -> (bool, bool) {
        let mut stays = false;
        let gone = self.part_if(|it| {
            let is_parting = it.record.named.as_ref().is_some_and(|it| parting.contains(&it.key));
            let is_gone = is_parting && it.take_leave(round);
            stays |= it.is_leaving();
            is_gone
        });
        (self.tell_departures(gone), stays)
    }

    /// Whether the answer of one that said goodbye is awaited.
    pub(super) fn awaits_parting(&self, round: Round) -> bool {
        self.servers.values().any(|it| it.is_leaving() && it.is_missing_in(round))
    }

    /// Those that said goodbye and have not answered since are gone. Says whether any is.
    pub(super) fn part(&mut self, round: Round) -> bool {
        let gone = self.part_if(|it| it.part(round));
        self.tell_departures(gone)
    }

    /// An instance has changed, to what is listed: servers that were only announced as it, and are none of
    /// these, are gone. Says whether any is.
    pub(super) fn supersede(
        &mut self,
        key: &AnnouncedKey,
        listed: &[&ServerRecord],
        round: Round,
    ) -> bool {
        let now: BTreeSet<Key> = listed.iter().flat_map(|it| keys(it)).collect();
        let gone = self.part_if(|it| {
            let is_of_it = it.is_only_announced() && it.is_announced_as(key);
            is_of_it && !keys(&it.record).any(|key| now.contains(&key)) && it.take_leave(round)
        });
        let any = !gone.is_empty();
        for id in gone {
            self.queue(id);
        }
        any
    }

    /// The server of this instance is announced again.
    pub(super) fn stay(&mut self, key: &AnnouncedKey) {
        self.servers.values_mut().filter(|it| it.is_announced_as(key)).for_each(Watched::stay);
    }

    /// The server of this instance was started anew, where it is announced now.
    pub(super) fn start_anew(&mut self, key: &AnnouncedKey) {
        let announced = self.announced.get(key);
        let is_there = |it: &Watched| {
            announced.is_none_or(|at| it.record.addresses().any(|ip| at.contains(&ip)))
        };
        let named = self.servers.iter_mut().filter(|(_, it)| it.is_announced_as(key));
        let named = named.filter(|(_, it)| is_there(it));
        let ids: Vec<Id> = named.map(|(id, it)| (it.start_anew(), *id).1).collect();
        for id in ids {
            self.queue(id);
        }
    }

    /// Nothing is heard any more but on these links.
    pub(super) fn keep_links(&mut self, links: &BTreeSet<u32>) {
        let is_lost = |it: &Watched| it.record.interface.is_some_and(|it| !links.contains(&it));
        self.servers.values_mut().filter(|it| is_lost(it)).for_each(Watched::leave_link);
    }

    /// A round begins.
    pub(super) fn begin(&mut self) {
        self.unheard = self.servers.values().filter(|it| !it.is_only_announced()).count();
    }

    /// Where those answered from that are to be called alone now, those in doubt first.
    pub(super) fn call_due(
        &mut self,
        round: Round,
        which: impl Fn(&Watched) -> bool,
    ) -> Vec<SocketAddr> {
        let unheard = |it: &&mut Watched| it.is_missing_in(round) && which(it);
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
            .filter(|(_, it)| it.is_missing_in(round))
            .map(|(id, _)| *id)
            .collect();
        let mut gone = unheard.clone();
        gone.retain(|id| self.servers.get_mut(id).is_some_and(|it| it.miss(round)));
        self.tell_departures(gone);
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

/// Whether the server answers from there.
fn is_at(it: &Watched, address: SocketAddr) -> bool {
    let source = it.record.source;
    (source.ip(), source.port()) == (address.ip(), address.port())
}

/// Whether the name that is known of a server, which has another now, is announced by another host alone.
fn is_of_another(
    known: &ServerRecord,
    heard: &ServerRecord,
    announced: &BTreeMap<AnnouncedKey, Vec<IpAddr>>,
) -> bool {
    let (Some(name), Some(other)) = (&known.named, &heard.named) else { return false };
    let is_elsewhere =
        |at: &Vec<IpAddr>| !known.addresses().chain(heard.addresses()).any(|ip| at.contains(&ip));
    name.key != other.key && announced.get(&name.key).is_some_and(is_elsewhere)
}
