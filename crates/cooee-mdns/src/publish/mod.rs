//! Announces services under their names, on each link with the addresses that are valid there.

mod announcing;
mod event;
mod heard;
mod info;
mod link;
mod links;
mod names;
mod published;
mod records;
mod restoring;
mod segments;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use cooee_core::interface::Interface;
use cooee_core::limits;

pub use event::PublishEvent;
use heard::Heard;
use info::Names;
use link::Link;
use links::{LinkAddresses, links};
pub use published::{Published, PublishedName};
use records::{Record, assigned, kept, records, renamed};
use segments::Segments;

/// Announces what it is told to, until it is dropped; then it says goodbye.
///
/// Each link has a thread, which sleeps until something is multicast there, or a record of another host
/// ages: the library keeps those too, and [`look_after`](Self::look_after) begins anew when it keeps too
/// many. What is known of a name's conflicts is heard by
/// [`handle_timeout`](Self::handle_timeout), and only until everything is announced: an idle publisher
/// asks for no time.
///
/// A name that is taken after it was announced, as when two networks are joined, is not noticed, nor one
/// that differs in case: the library looks for conflicts while it probes, letter by letter.
#[derive(Default)]
pub struct Publisher {
    published: Vec<Published>,
    names: Vec<PublishedName>,
    interfaces: Vec<LinkAddresses>,
    segments: Segments,
    links: Vec<(u32, Link)>,
    /// When the daemons were last listened to.
    listened: Option<Instant>,
    /// When they were last asked how much they keep.
    looked: Option<Instant>,
    /// When links that failed are tried again.
    retry: Option<Instant>,
    failures: u32,
    /// The link of each new name since all was announced there.
    renames: Vec<u32>,
    /// Links that are left alone until then, since one name after the other is taken there.
    resting: Vec<u32>,
    /// What was told as announced.
    told: Vec<PublishedName>,
    events: VecDeque<PublishEvent>,
}

impl Publisher {
    /// How often the daemons are listened to while they probe.
    const LISTENS_EVERY: Duration = Duration::from_millis(50);
    /// How often they are asked how much they keep, at most.
    const LOOKS_EVERY: Duration = Duration::from_secs(5);
    /// After so many new names in a row because of one link something is wrong there, such as a reflector
    /// that returns what we announce; from then on it takes its time (RFC 6762 section 8.1), and has no
    /// say in the names.
    const RENAMES_AT_ONCE: usize = 12;
    const PAUSE: Duration = Duration::from_secs(5);
    const LONGEST_PAUSE: Duration = Duration::from_secs(60);

    /// One that announces nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces what is announced.
    pub fn publish(&mut self, now: Instant, published: Vec<Published>) {
        if published == self.published {
            return;
        }
        // One that had to be renamed keeps its name.
        let (before, names) = (&self.published, &self.names);
        let names = assigned(&published, |of| kept(&published[of], &published, before, names));
        self.names = names;
        self.published = published;
        self.renames.clear();
        self.resting.clear();
        // What is announced already is not reported again.
        self.told.retain(|told| self.names.contains(told));
        self.settle(now, |_| false);
    }

    /// Follows the interfaces of this host.
    pub fn handle_interfaces(&mut self, now: Instant, interfaces: &[Interface]) {
        let links = links(interfaces);
        if links != self.interfaces {
            let before = std::mem::replace(&mut self.interfaces, links);
            self.renames.retain(|on| self.interfaces.iter().any(|link| link.index == *on));
            let moved = self.segments.handle_links(&before, &self.interfaces);
            self.settle(now, |index| moved.contains(&index));
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout); `None` once all is announced.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let is_open = self.links.iter().any(|(_, link)| link.is_open());
        let listens = self.listened.filter(|_| is_open).map(|at| at + Self::LISTENS_EVERY);
        let said_again = self.links.iter().filter_map(|(_, link)| link.due());
        listens.into_iter().chain(self.retry).chain(said_again).min()
    }

    /// Takes what the daemons tell, and tries again what failed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.listened = Some(now);
        if self.retry.is_some_and(|retry| retry <= now) {
            self.retry = None;
            self.resting.clear();
            self.settle(now, |_| false);
        }
        let mut conflicts = Vec::new();
        let mut overdue = Vec::new();
        for (index, link) in &mut self.links {
            let heard = link.listen(now);
            if heard.is_overdue {
                overdue.push((*index, link.on.name.clone()));
            }
            if !heard.instances.is_empty() || !heard.hosts.is_empty() {
                conflicts.push((*index, heard));
            }
        }
        if !conflicts.is_empty() {
            self.resolve(now, &conflicts);
        }
        self.segments.confirm(|index| {
            self.links.iter().any(|(of, link)| *of == index && link.is_announced())
        });
        for (index, interface) in overdue {
            self.drop_link(index);
            let why =
                "nothing could be sent to port 5353 there, or names are taken again and again";
            self.fail(now, interface, why.into());
        }
        self.tell_announced();
    }

    /// Begins anew on links whose daemons keep more than any network has.
    ///
    /// Nothing tells when they do, so this is for whenever its owner is awake anyway. It asks every 5 s
    /// at most, and is not told at once.
    pub fn look_after(&mut self, now: Instant) {
        let is_early = |at| now.saturating_duration_since(at) < Self::LOOKS_EVERY;
        if !self.looked.is_some_and(is_early) {
            self.looked = Some(now);
            self.links.iter_mut().for_each(|(_, link)| link.ask());
        }
        let flooded = self.links.extract_if(.., |(_, link)| link.is_flooded());
        for (_, link) in flooded.collect::<Vec<_>>() {
            let names = if link.has_its_names() { Names::Free } else { Names::Unknown };
            let (on, records) = (link.on.clone(), link.records().cloned().collect());
            link.vanish();
            self.events.push_back(PublishEvent::Flooded { interface: on.name.clone() });
            self.begin(now, on, records, names);
        }
    }

    fn begin(&mut self, now: Instant, on: LinkAddresses, records: Vec<Record>, names: Names) {
        let (index, name) = (on.index, on.name.clone());
        self.listened = Some(now);
        match Link::start(now, on, records, names) {
            Ok(link) => self.links.push((index, link)),
            Err(error) => self.fail(now, name, error.to_string()),
        }
    }

    /// What came of it.
    pub fn poll_event(&mut self) -> Option<PublishEvent> {
        self.events.pop_front()
    }

    /// The names that it goes by, in the order of what was to be announced.
    pub fn names(&self) -> &[PublishedName] {
        &self.names
    }

    /// Says goodbye, and waits until that is sent, up to this time.
    pub fn stop(&mut self, patience: Duration) {
        let leaving: Vec<_> = self.links.drain(..).filter_map(|(_, link)| link.leave()).collect();
        let end = Instant::now() + patience;
        for left in leaving {
            let _ = left.recv_deadline(end);
        }
        self.published.clear();
        self.names.clear();
        self.retry = None;
        self.resting.clear();
    }

    /// Brings the links to what is to be announced. Those that are to begin `anew` find out whether names
    /// are free.
    fn settle(&mut self, now: Instant, anew: impl Fn(u32) -> bool) {
        self.listened = Some(now);
        let wanted: Vec<_> = (self.interfaces.iter())
            .filter(|link| !self.resting.contains(&link.index))
            .map(|link| self.segments.whole(link, &self.interfaces))
            .map(|link| (link.clone(), records(&link, &self.published, &self.names)))
            .filter(|(_, records)| !records.is_empty())
            .collect();
        let gone = |index: u32| wanted.iter().all(|(wanted, _)| wanted.index != index);
        for (_, link) in self.links.extract_if(.., |(index, _)| gone(*index)) {
            link.leave();
        }
        for (link, records) in wanted {
            let (name, anew) = (link.name.clone(), anew(link.index));
            if let Err(error) = self.settle_link(now, link, records, anew) {
                self.fail(now, name, error.to_string());
            }
        }
    }

    fn settle_link(
        &mut self,
        now: Instant,
        on: LinkAddresses,
        records: Vec<Record>,
        anew: bool,
    ) -> Result<(), crate::MdnsError> {
        let position = self.links.iter().position(|(of, _)| *of == on.index);
        let mut withdrawn = Vec::new();
        // What is announced before the rest is looked for.
        let mut first = records.clone();
        let names = match position {
            // The library does not forget the networks of an address that has gone: other addresses
            // take another daemon.
            Some(at)
                if !anew && self.links[at].1.on == on && !self.links[at].1.is_spent(&records) =>
            {
                return self.links[at].1.change(now, records);
            }
            Some(at) => {
                let (_, link) = self.links.swap_remove(at);
                let is_spent = !anew && link.on == on;
                if is_spent {
                    first.retain(|record| record.goes_on_in(link.records()));
                }
                let goes_on = first.iter().all(|record| record.goes_on_in(link.records()));
                if anew || goes_on {
                    let is_known = !anew && link.has_its_names();
                    withdrawn = link.hand_over(&records);
                    if is_known { Names::Free } else { Names::Unknown }
                } else {
                    drop(link.leave());
                    Names::Unknown
                }
            }
            None => Names::Unknown,
        };
        let is_all = first.len() == records.len();
        let mut link = Link::start(now, on, first, names)?;
        withdrawn.iter().for_each(|host| link.restore_soon(now, host));
        let begun = if is_all { Ok(()) } else { link.change(now, records) };
        self.links.push((link.on.index, link));
        begun
    }

    /// Goes on after conflicts: with the same names if they may be with ourselves.
    fn resolve(&mut self, now: Instant, conflicts: &[(u32, Heard)]) {
        let of_hosts = conflicts.iter().filter(|(_, heard)| !heard.hosts.is_empty());
        let of_hosts: Vec<u32> = of_hosts.map(|(index, _)| *index).collect();
        if !of_hosts.is_empty() && self.segments.guess(&of_hosts, &self.interfaces) {
            return self.settle(now, |index| conflicts.iter().any(|(of, _)| *of == index));
        }
        self.segments.handle_rename();
        self.rename(now, conflicts);
    }

    /// Takes the next names where another host has ours, on all links. Those where that was in vain rest.
    fn rename(&mut self, now: Instant, conflicts: &[(u32, Heard)]) {
        let renames = |on: &u32| self.renames.iter().filter(|of| *of == on).count();
        let (in_vain, conflicts): (Vec<_>, Vec<_>) =
            conflicts.iter().partition(|(index, _)| renames(index) >= Self::RENAMES_AT_ONCE);
        in_vain.iter().for_each(|(index, _)| self.rest(now, *index));
        if conflicts.is_empty() {
            return;
        }
        let mut heard = Heard::default();
        for (index, on_link) in &conflicts {
            self.renames.push(*index);
            heard.instances.extend_from_slice(&on_link.instances);
            heard.hosts.extend_from_slice(&on_link.hosts);
        }
        for of in 0..self.names.len() {
            let name = &self.names[of];
            let instance = heard.free_instance(&name.instance);
            let host = heard.free_host(&name.host);
            if instance.is_some() || host.is_some() {
                let to = renamed(of, &self.published, &self.names, instance, host);
                let from = std::mem::replace(&mut self.names[of], to.clone());
                self.events.push_back(PublishEvent::Renamed { of, from, to });
            }
        }
        self.settle(now, |index| conflicts.iter().any(|(of, _)| *of == index));
    }

    /// Leaves a link alone until the next retry.
    fn rest(&mut self, now: Instant, index: u32) {
        let Some(at) = self.links.iter().position(|(of, _)| *of == index) else { return };
        let (_, link) = self.links.swap_remove(at);
        let why = "one name after the other is taken there; is what we send sent back?";
        self.resting.push(index);
        self.fail(now, link.on.name.clone(), why.into());
        link.leave();
    }

    /// Ends a link without a word. Returns its name.
    fn drop_link(&mut self, index: u32) -> Option<String> {
        let at = self.links.iter().position(|(of, _)| *of == index)?;
        let (_, link) = self.links.swap_remove(at);
        let name = link.on.name.clone();
        link.vanish();
        Some(name)
    }

    fn fail(&mut self, now: Instant, interface: String, why: String) {
        let pause = Self::PAUSE.saturating_mul(1 << self.failures.min(8)).min(Self::LONGEST_PAUSE);
        self.failures += 1;
        self.retry = Some(now + pause);
        self.events.push_back(PublishEvent::Failed { interface, why });
    }

    fn tell_announced(&mut self) {
        let is_announced =
            |index: &u32| self.links.iter().any(|(of, link)| of == index && link.is_announced());
        self.renames.retain(|on| !is_announced(on));
        let is_all =
            !self.links.is_empty() && self.links.iter().all(|(_, link)| link.is_announced());
        if !is_all {
            return;
        }
        // Else a link is left out that is tried again.
        if self.retry.is_none() {
            self.failures = 0;
        }
        if self.told == self.names {
            return;
        }
        for (of, name) in self.names.iter().enumerate() {
            let is_there = |link: &Link| link.records().any(|record| record.of == of);
            let is_announced = self.links.iter().any(|(_, link)| is_there(link));
            if is_announced && !self.told.contains(name) {
                self.events.push_back(PublishEvent::Announced { of, name: name.clone() });
            }
        }
        self.told.clone_from(&self.names);
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.stop(limits::GOODBYE_PATIENCE);
    }
}
