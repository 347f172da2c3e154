//! The announcing daemon of one link.

use std::time::{Duration, Instant};

use cooee_core::announced::ServiceType;
use cooee_core::limits;
use mdns_sd::{DaemonEvent, DaemonStatus, IfKind, Metrics, Receiver, ServiceDaemon};

use super::announcing::{Announcing, hush_all, withdraw};
use super::heard::Heard;
use super::info::{Names, host_in, info, label_of};
use super::links::LinkAddresses;
use super::records::Record;
use super::restoring::Restoring;
use crate::MdnsError;
use crate::kept::is_too_much;
use crate::stop::stop;

/// How long a link may take for its first word; names that are taken cost a second each.
const PATIENCE: Duration = Duration::from_secs(8);
/// When what is announced is said again (RFC 6762 section 8.3: twice, a second apart), strictly after
/// the second in which the library would hold it back.
const AGAIN_AFTER: Duration = Duration::from_millis(1_100);
/// After this the next service is probed for, which takes 750 ms at least (RFC 6762 section 8.1). So it
/// is announced over a second after the one before, and with the addresses: none is said twice in a
/// second (section 6), and a library that looks for the one service passes over what the other one says.
const APART: Duration = Duration::from_millis(350);

/// One daemon for each link: the library would announce the link-local IPv6 addresses of all
/// interfaces on every one, since the network of each is the same.
pub(super) struct Link {
    pub(super) on: LinkAddresses,
    daemon: ServiceDaemon,
    /// `None` once nothing is to be heard any more.
    monitor: Option<Receiver<DaemonEvent>>,
    announced: Vec<Announcing>,
    /// What is begun once the rest is announced.
    later: Vec<Record>,
    /// What it has withdrawn.
    withdrawn: Vec<Record>,
    restoring: Restoring,
    /// Its daemon was asked how much it keeps.
    asked: Option<Receiver<Metrics>>,
    since: Instant,
}

impl Link {
    /// Begins to announce there.
    pub(super) fn start(
        now: Instant,
        on: LinkAddresses,
        records: Vec<Record>,
        names: Names,
    ) -> Result<Self, MdnsError> {
        let daemon = ServiceDaemon::new()?;
        // Dropped if one of the steps fails, which ends the daemon.
        let mut link = Self {
            on,
            daemon,
            monitor: None,
            announced: Vec::new(),
            later: Vec::new(),
            withdrawn: Vec::new(),
            restoring: Restoring::default(),
            asked: None,
            since: now,
        };
        // Interfaces are followed from outside, so that a daemon on a quiet link never wakes.
        link.daemon.set_ip_check_interval(0)?;
        link.daemon.disable_interface(IfKind::All)?;
        let both = vec![IfKind::IndexV4(link.on.index), IfKind::IndexV6(link.on.index)];
        link.daemon.enable_interface(both)?;
        link.monitor = Some(link.daemon.monitor()?);
        for record in records {
            link.begin(record, names)?;
        }
        Ok(link)
    }

    /// Announces it, or puts it off: of two hosts that begin at once, one is to get all of a name, so the
    /// first service of each decides.
    fn begin(&mut self, record: Record, names: Names) -> Result<(), MdnsError> {
        let begun = |one: &Announcing| one.record.of == record.of && one.at.is_none();
        if names == Names::Free || !self.announced.iter().any(begun) {
            return self.register(record, names);
        }
        // Cooee looks for its marker alone.
        let is_marker = record.service == ServiceType::cooee();
        let at = if is_marker { 0 } else { self.later.len() };
        self.later.insert(at, record);
        Ok(())
    }

    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.announced.iter().map(|one| &one.record).chain(&self.later)
    }

    /// Asks its daemon how much it keeps of other hosts.
    pub(super) fn ask(&mut self) {
        // One that is too busy to tell is not asked again meanwhile.
        if self.asked.is_none() {
            self.asked = self.daemon.get_metrics().ok();
        }
    }

    /// Whether that is too much, as far as it has told.
    pub(super) fn is_flooded(&mut self) -> bool {
        let told = self.asked.as_ref().and_then(|asked| asked.try_recv().ok());
        self.asked.take_if(|_| told.is_some());
        told.is_some_and(|told| is_too_much(&told))
    }

    /// Whether all that is announced there has been found free and said.
    pub(super) fn is_announced(&self) -> bool {
        self.later.is_empty() && self.are_begun_announced()
    }

    /// Whether all names there are known to be ours, though perhaps not all is said yet.
    pub(super) fn has_its_names(&self) -> bool {
        self.later.is_empty() && self.announced.iter().all(Announcing::is_ours)
    }

    fn are_begun_announced(&self) -> bool {
        self.announced.iter().all(|one| one.at.is_some())
    }

    /// Begins with the next of those that were put off.
    fn go_on(&mut self, now: Instant) -> Result<(), MdnsError> {
        let last = self.announced.iter().filter_map(|one| one.at).max();
        let is_time = last.is_none_or(|last| now.saturating_duration_since(last) >= APART);
        if self.later.is_empty() || !is_time || !self.are_begun_announced() {
            return Ok(());
        }
        self.since = now;
        let next = self.later.remove(0);
        self.register(next, Names::Unknown)
    }

    /// Whether there is something to hear from it still.
    pub(super) fn is_open(&self) -> bool {
        self.monitor.is_some()
    }

    /// When it has something to say, whatever it hears.
    pub(super) fn due(&self) -> Option<Instant> {
        self.restoring.next()
    }

    fn register(&mut self, record: Record, names: Names) -> Result<(), MdnsError> {
        let info = info(&record, names)?;
        let fullname = info.get_fullname().to_owned();
        self.daemon.register(info)?;
        let is_known = names == Names::Free;
        self.announced.push(Announcing {
            record,
            fullname,
            at: None,
            is_known,
            is_settled: false,
            is_taken: false,
        });
        Ok(())
    }

    /// Whether another daemon is to announce these: the library keeps names that it has withdrawn, and takes
    /// them for found free.
    pub(super) fn is_spent(&self, records: &[Record]) -> bool {
        let has = |all: &[Record], one: &Record| all.iter().any(|of| of.is_same_instance(one));
        let is_new = |one: &Record| !self.records().any(|of| of.is_same_instance(one));
        self.withdrawn.len() > limits::PUBLISHED_RECORDS_MAX
            || records.iter().any(|one| is_new(one) && has(&self.withdrawn, one))
    }

    /// Announces other services at the addresses that it has.
    pub(super) fn change(&mut self, now: Instant, records: Vec<Record>) -> Result<(), MdnsError> {
        if self.records().eq(&records) {
            return Ok(());
        }
        let ends = |one: &Announcing| !records.iter().any(|of| of.is_same_instance(&one.record));
        while let Some(at) = self.announced.iter().position(ends) {
            // Stays if the daemon does not take it, to be withdrawn later.
            withdraw(&self.daemon, &self.announced[at])?;
            let gone = self.announced.remove(at);
            if gone.is_ours() {
                self.restoring.note_withdrawn(now, &gone.record.host);
            }
            self.withdrawn.push(gone.record);
        }
        self.later.clear();
        self.since = now;
        if self.monitor.is_none() {
            self.monitor = Some(self.daemon.monitor()?);
        }
        for record in records {
            let same = |one: &Announcing| one.record.is_same_instance(&record);
            match self.announced.iter().position(same) {
                Some(at) if self.announced[at].record == record => {}
                Some(at) => {
                    let before = &self.announced[at];
                    let is_known = before.is_ours() && before.record.host == record.host;
                    let names = if is_known { Names::Free } else { Names::Unknown };
                    self.register(record, names)?;
                    self.announced.swap_remove(at);
                }
                None => self.begin(record, Names::Unknown)?,
            }
        }
        Ok(())
    }

    /// Takes what the daemon tells.
    pub(super) fn listen(&mut self, now: Instant) -> Heard {
        let mut heard = Heard::default();
        self.restore(now);
        if self.monitor.is_none() {
            return heard;
        }
        while let Some(event) = self.monitor.as_ref().and_then(|monitor| monitor.try_recv().ok()) {
            self.take(now, event, &mut heard);
        }
        if heard.instances.is_empty() && heard.hosts.is_empty() {
            heard.is_overdue = self.go_on(now).is_err();
        }
        if self.is_announced() {
            self.say_again(now);
        } else {
            heard.is_overdue |= now.saturating_duration_since(self.since) > PATIENCE;
        }
        heard
    }

    fn take(&mut self, now: Instant, event: DaemonEvent, heard: &mut Heard) {
        match event {
            DaemonEvent::Announce(fullname, _) => {
                let same = |one: &&mut Announcing| one.fullname.eq_ignore_ascii_case(&fullname);
                for one in self.announced.iter_mut().filter(same) {
                    one.at.get_or_insert(now);
                }
            }
            DaemonEvent::NameChange(change) => {
                let host = host_in(&change.original);
                let is_host = |one: &Announcing| {
                    host.is_some_and(|it| it.eq_ignore_ascii_case(&one.record.host))
                };
                let is_instance =
                    |one: &Announcing| one.fullname.eq_ignore_ascii_case(&change.original);
                if let Some(one) = self.announced.iter_mut().find(|one| is_instance(one)) {
                    // The library announces it under the new name, and tells that of the old one.
                    one.is_taken = true;
                    let renamed = label_of(&change.new_name, &one.record);
                    heard.instances.push((one.record.instance.clone(), renamed));
                } else if let Some(one) = self.announced.iter().find(|one| is_host(one)) {
                    let renamed = host_in(&change.new_name).unwrap_or_default();
                    heard.hosts.push((one.record.host.clone(), renamed.into()));
                }
            }
            DaemonEvent::Error(error) => {
                tracing::warn!(link = self.on.name, %error, "announcing by mDNS");
            }
            _ => {}
        }
    }

    /// The library forgets to, for names with capitals: it looks them up in lower case.
    fn say_again(&mut self, now: Instant) {
        let daemon = &self.daemon;
        for one in self.announced.iter_mut().filter(|one| !one.is_settled) {
            if one.at.is_some_and(|at| now.saturating_duration_since(at) >= AGAIN_AFTER) {
                one.is_settled = true;
                if let Ok(info) = info(&one.record, Names::Free) {
                    let _ = daemon.register(info);
                }
            }
        }
        if self.announced.iter().all(|one| one.is_settled) {
            self.monitor = None;
        }
    }

    /// Says the addresses again that a withdrawal has taken from services which are still announced.
    fn restore(&mut self, now: Instant) {
        for host in self.restoring.take_due(now) {
            let mut others = self.announced.iter().filter(|one| one.at.is_some());
            if let Some(other) = others.find(|one| one.record.host == host)
                && let Ok(info) = info(&other.record, Names::Free)
            {
                let _ = self.daemon.register(info);
            }
        }
    }

    /// Ends with a goodbye (RFC 6762 section 10.1) for what has names of ours. What has not is perhaps
    /// another's, and is not to be withdrawn.
    pub(super) fn leave(self) -> Option<Receiver<DaemonStatus>> {
        self.hand_over(&[]);
        stop(&self.daemon)
    }

    /// Prepares to end, with a goodbye for each instance of ours that is not among the `next`. Returns the
    /// hosts of those.
    pub(super) fn hand_over(&self, next: &[Record]) -> Vec<String> {
        let goes_on = |one: &Announcing| next.iter().any(|of| of.is_same_instance(&one.record));
        let ends = |one: &&Announcing| one.is_ours() && !goes_on(one);
        let (ended, silent): (Vec<_>, Vec<_>) = self.announced.iter().partition(ends);
        hush_all(&self.daemon, silent.into_iter().map(|one| &one.record));
        ended.into_iter().map(|one| one.record.host.clone()).collect()
    }

    /// Says the addresses of this host again, that were withdrawn with one of its services.
    pub(super) fn restore_soon(&mut self, now: Instant, host: &str) {
        self.restoring.note_withdrawn(now, host);
    }

    /// Ends without a word: another daemon goes on for it.
    pub(super) fn vanish(self) {
        hush_all(&self.daemon, self.announced.iter().map(|one| &one.record));
    }
}

/// The library's thread would outlive what it was for.
impl Drop for Link {
    fn drop(&mut self) {
        let _ = stop(&self.daemon);
    }
}

#[cfg(test)]
impl Link {
    /// What was begun counts as announced from then on.
    pub(super) fn feign_announced(&mut self, now: Instant) {
        self.announced.iter_mut().for_each(|one| one.at = Some(now));
    }

    /// How many services this daemon has said.
    pub(super) fn said(&self) -> usize {
        self.announced.iter().filter(|one| one.at.is_some()).count()
    }
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
