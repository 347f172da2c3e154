//! Servers that are announced: which of those that answered they are, and rows of their own for the others.

use std::collections::BTreeSet;
use std::collections::hash_map::Entry;

use ipnet::IpNet;

use super::{Heard, Listed, Row, Servers};
use crate::announced::AnnouncedKey;
use crate::call::attendance::{Attendance, Calls};
use crate::call::named::Named;
use crate::call::occasion::Occasion;
use crate::call::record::{Answer, ServerRecord};
use crate::call::refusals::AnswerRefusal;
use crate::call::via::Via;
use crate::limits;
use crate::wire::Protocol;

/// What is known of an instance on one link, or on all.
pub(in crate::call) struct Instance<'a> {
    /// It, and the link; 0 for all.
    pub(in crate::call) key: (AnnouncedKey, u32),
    pub(in crate::call) named: &'a Named,
    /// What it would have answered, the likeliest first; one at least.
    pub(in crate::call) answers: &'a [Answer<'a>],
    /// Whether it is one of those that answer probes.
    pub(in crate::call) is_ours: bool,
}

impl Servers {
    /// Takes note of an instance as it is now. Says whether it is a server that was not known.
    ///
    /// One that answered has the name from now on of the first instance that is announced there: anybody can
    /// announce another.
    pub(in crate::call) fn announce(
        &mut self,
        instance: &Instance<'_>,
        own: &[IpNet],
    ) -> Result<bool, AnswerRefusal> {
        let named = || Some(Box::new(instance.named.clone()));
        if let Some(index) = self.known_as(&instance.key) {
            let index = self.join_links(index, &instance.key);
            let is_unheard = self.list[index].protocol == Protocol::DnsSd;
            let index = match is_unheard.then(|| self.heard_as(instance, own)).flatten() {
                Some(heard) => self.join(index, heard),
                None => index,
            };
            self.list[index].named = named();
            if self.list[index].protocol == Protocol::DnsSd {
                self.announce_anew(index, instance);
            }
            self.note_rows(index, instance, own);
            return Ok(false);
        }
        let mut known = None;
        for answer in instance.answers.iter().filter(|_| instance.is_ours) {
            let at = self.rows.get(&Row::of(answer, own)).copied();
            if let Some(index) = at.filter(|index| self.may_be_called(*index, instance)) {
                self.list[index].named = named();
                known = Some(index);
            }
        }
        if let Some(index) = known.or_else(|| self.heard_as(instance, own)) {
            self.list[index].named = named();
            self.note_rows(index, instance, own);
            return Ok(false);
        }
        let index = self.list.len();
        let Some(first) = instance.answers.first().filter(|_| index < limits::RESULTS_MAX) else {
            return Err(AnswerRefusal::TableFull);
        };
        self.list.push(ServerRecord { named: named(), ..ServerRecord::new(first, Via::Mdns) });
        self.attendance.push(Attendance::none());
        self.is_told.push(true);
        self.found.push_back(index);
        self.announce_anew(index, instance);
        self.note_rows(index, instance, own);
        Ok(true)
    }

    /// The row of an instance on the link. The addresses that are heard first may be link-local ones, and
    /// one that was on a link is then on all of them; or the other way round.
    fn known_as(&self, (key, link): &(AnnouncedKey, u32)) -> Option<usize> {
        let exactly = || self.instances.get(&(key.clone(), *link)).map(|it| it.index);
        let on_any = || {
            let on = (key.clone(), 0)..=(key.clone(), if *link == 0 { u32::MAX } else { 0 });
            self.instances.range(on).next().map(|(_, it)| it.index)
        };
        exactly().or_else(on_any)
    }

    /// Drops the rows that an instance had on single links, and was only announced on, once it is on all.
    /// Returns where its own row is then.
    fn join_links(&mut self, mut index: usize, (key, link): &(AnnouncedKey, u32)) -> usize {
        let of_links = (key.clone(), 1)..=(key.clone(), u32::MAX);
        while *link == 0
            && let Some(other) = self
                .instances
                .range(of_links.clone())
                .map(|(_, it)| it.index)
                .find(|other| *other != index && self.list[*other].protocol == Protocol::DnsSd)
        {
            index = self.join(other, index);
        }
        index
    }

    /// Drops the rows that an instance was only announced on, on links where it is no more. It is on these.
    pub(in crate::call) fn leave_other_links(&mut self, key: &AnnouncedKey, links: &[u32]) {
        let all = (key.clone(), 0)..=(key.clone(), u32::MAX);
        let listed = self.instances.range(all).map(|((_, link), _)| *link);
        let left: Vec<u32> = listed.filter(|link| !links.contains(link)).collect();
        for link in left {
            let on = |link: &u32| self.instances.get(&(key.clone(), *link)).map(|it| it.index);
            let (Some(lost), Some(goes_on)) = (on(&link), links.iter().find_map(on)) else {
                continue;
            };
            let is_shared = links.iter().filter_map(on).any(|index| index == lost);
            self.instances.remove(&(key.clone(), link));
            if !is_shared && self.list[lost].protocol == Protocol::DnsSd {
                self.join(lost, goes_on);
            }
        }
    }

    /// Whether the row has no name yet, or this one.
    fn may_be_called(&self, index: usize, instance: &Instance<'_>) -> bool {
        let named = self.list[index].named.as_ref();
        named.is_none_or(|named| named.name == instance.named.name)
    }

    /// The row of a server that answered from one of the instance's addresses, or was found there too.
    ///
    /// Looks through the list once at the most: a forged instance stands for hundreds of answers.
    fn heard_as(&self, instance: &Instance<'_>, own: &[IpNet]) -> Option<usize> {
        if !instance.is_ours {
            return None;
        }
        let may_be = |index: &usize| {
            self.list[*index].protocol != Protocol::DnsSd && self.may_be_called(*index, instance)
        };
        let of_row = |answer: &Answer<'_>| self.rows.get(&Row::of(answer, own)).copied();
        let at_a_row = instance.answers.iter().filter_map(of_row).find(may_be);
        at_a_row.or_else(|| {
            let places: BTreeSet<_> = (instance.answers.iter())
                .map(|answer| (answer.port, answer.interface, answer.judged.ip))
                .collect();
            let is_there = |server: &ServerRecord| {
                let mut others = server.other_addresses.iter();
                others.any(|ip| places.contains(&(server.port, server.interface, *ip)))
            };
            (0..self.list.len()).find(|index| may_be(index) && is_there(&self.list[*index]))
        })
    }

    /// Drops a row that was only announced, since its server has answered as another. Returns where
    /// that one is now.
    fn join(&mut self, announced: usize, heard: usize) -> usize {
        let moved = |index: usize| {
            let index = if index == announced { heard } else { index };
            index - usize::from(index > announced)
        };
        self.list.remove(announced);
        self.attendance.remove(announced);
        self.is_told.remove(announced);
        self.rows.values_mut().for_each(|index| *index = moved(*index));
        self.instances.values_mut().for_each(|it| it.index = moved(it.index));
        self.found.retain(|index| *index != announced);
        self.found.iter_mut().for_each(|index| *index = moved(*index));
        self.held.iter_mut().for_each(|(_, index)| *index = moved(*index));
        moved(heard)
    }

    /// Has the row say what is announced now.
    fn announce_anew(&mut self, index: usize, instance: &Instance<'_>) {
        let Some(first) = instance.answers.first() else { return };
        let named = self.list[index].named.take();
        self.list[index] = ServerRecord { named, ..ServerRecord::new(first, Via::Mdns) };
        for answer in instance.answers {
            self.list[index].add_address(answer.judged.ip);
        }
    }

    /// Lists it there. What answers from these addresses later is this server, as far as there is room. Where
    /// there is none, they are two until the instance is announced again. An address that it had before, and
    /// did not answer from, may be another's.
    fn note_rows(&mut self, index: usize, instance: &Instance<'_>, own: &[IpNet]) {
        let before = self.instances.remove(&instance.key).map(|it| it.rows).unwrap_or_default();
        let answers = instance.answers.iter().filter(|_| instance.is_ours);
        let now: BTreeSet<Row> = answers.map(|answer| Row::of(answer, own)).collect();
        let mut rows = Vec::new();
        for row in before {
            let is_its_own = self.rows.get(&row) == Some(&index);
            if now.contains(&row) && is_its_own {
                rows.push(row);
            } else if is_its_own && !self.was_heard_at(index, row) {
                self.rows.remove(&row);
            }
        }
        for row in now {
            if self.rows.len() >= limits::ANNOUNCED_ROWS_MAX {
                break;
            }
            if let Entry::Vacant(free) = self.rows.entry(row) {
                free.insert(index);
                rows.push(row);
            }
        }
        self.instances.insert(instance.key.clone(), Listed { index, rows });
    }

    /// Whether the server has answered from there.
    fn was_heard_at(&self, index: usize, row: Row) -> bool {
        let server = &self.list[index];
        let mut addresses = server.addresses().filter(|_| server.protocol != Protocol::DnsSd);
        server.this_host || addresses.any(|ip| row.is_at(ip, server.port))
    }

    /// Takes note of an answer of a server in this row, which until now was only announced.
    pub(super) fn hear_announced(
        &mut self,
        index: usize,
        answer: &Answer<'_>,
        occasion: Occasion,
        calls: &Calls<'_>,
    ) -> Heard {
        let via = calls.via(occasion.rung);
        let (attendance, rtt, longest) = Attendance::begin(occasion, via, calls);
        let known = &mut self.list[index];
        let before =
            std::mem::replace(known, ServerRecord { rtt, ..ServerRecord::new(answer, via) });
        known.named = before.named;
        known.add_address(before.ip);
        before.other_addresses.into_iter().for_each(|address| known.add_address(address));
        self.attendance[index] = attendance;
        // What is named over IPv6 is the same server's that is named over IPv4.
        if let Some(beside) = answer.beside.filter(|_| !answer.judged.this_host) {
            self.rows.entry(Row::at(beside.address, answer)).or_insert(index);
        }
        Heard::First(longest)
    }

    /// By how many addresses and ports servers are known.
    #[cfg(test)]
    pub(in crate::call) fn places(&self) -> usize {
        self.rows.len()
    }

    /// Whether nobody is known, or was heard where somebody was called.
    pub(in crate::call) fn are_unheard(&self, anybody_is_called: bool) -> bool {
        let mut heard = self.list.iter().filter(|it| it.protocol != Protocol::DnsSd);
        if anybody_is_called { heard.next().is_none() } else { self.list.is_empty() }
    }
}
