//! The live view: which servers are there, which have changed, and which are gone.

mod acquainted;
mod anew;
mod announcing;
mod awaited;
mod event;
mod handling;
mod instance;
mod key;
mod look;
mod newcomer;
mod odds;
mod pace;
mod roll;
mod watched;

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use rand::RngExt;
use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;
use tracing::debug;

use crate::announced::AnnouncedKey;
use crate::call::{Outbox, Probes};
use crate::interface::{Interface, LinkState};
use crate::{ConfigError, DiscoveryConfig, ServerRecord, Target, Transmit};
use acquainted::Acquainted;
use awaited::Awaited;
pub use event::{Departure, PresenceEvent};
use instance::{Instance, as_announced};
use look::{Kind, Look};
use newcomer::Newcomer;
use pace::Pace;
use roll::Roll;
use watched::Watched;

/// Watches servers come, change and go.
///
/// Driven as the [crate's contract](crate) says. It begins with the first
/// [`handle_timeout`](Self::handle_timeout), by probing as a discovery does, and goes on with single
/// rounds: a second apart for 30 s after anything has happened, then each pause half as long again,
/// up to 30 s. A server that is silent in a round is probed at its own address, twice. It is gone when
/// the odds that a living server is silent in so many rounds on end, by its own attendance, are below
/// 1 in 1,000, five rounds at least, and it is silent in one more, in which it is probed at its own
/// address four times; or when its host says in three rounds on end that nothing listens there.
///
/// Between rounds no timer is set.
#[derive(Debug)]
pub struct PresenceEngine {
    config: DiscoveryConfig,
    interfaces: Vec<Interface>,
    targets: Vec<Target>,
    chance: Pcg32,
    /// For calls to single servers, beside those of a look.
    probes: Probes,
    transmits: VecDeque<Transmit>,
    look: Look,
    pace: Pace,
    /// When the next look begins.
    next_at: Instant,
    /// Whether that is an opening, since interfaces have changed.
    reopens: bool,
    roll: Roll,
    /// Servers that were not known, to be told of soon.
    newcomers: Vec<Newcomer>,
    acquainted: Acquainted,
    /// What DNS-SD tells of.
    instances: BTreeMap<AnnouncedKey, Instance>,
    /// Those that a browser that has begun anew is to hear of.
    awaited: Awaited,
    /// Datagrams that the kernel has dropped.
    kernel_drops: u64,
    has_stopped: bool,
}

impl PresenceEngine {
    /// A watch of what a discovery with this configuration finds, from `now` on.
    ///
    /// Its `timeout`, `retries`, `rounds` and `wait` say nothing here, nor does `sweep_if_nobody`.
    /// Networks are swept once, at the beginning, and it goes on when that is over. `targets`,
    /// `interfaces` and `seed` are as for [`DiscoveryEngine::new`](crate::DiscoveryEngine::new).
    ///
    /// # Errors
    /// The first invalid setting in `config`.
    pub fn new(
        config: DiscoveryConfig,
        targets: Vec<Target>,
        interfaces: &[Interface],
        seed: u64,
        now: Instant,
    ) -> Result<Self, ConfigError> {
        let mut config = DiscoveryConfig { sweep_if_nobody: None, ..config };
        let mut chance = Pcg32::seed_from_u64(seed);
        let links = (interfaces, &targets[..]);
        let look = Look::begin(Kind::Opening, 1, &config, links, chance.random(), now)?;
        config.sweep.clear();
        config.sweep_on_link.clear();
        config.remembered.clear();
        Ok(Self {
            probes: Probes::new(&config.codecs, config.families),
            transmits: VecDeque::new(),
            pace: Pace::new(now),
            next_at: look.opened_at(),
            reopens: false,
            roll: Roll::default(),
            newcomers: Vec::new(),
            acquainted: Acquainted::default(),
            instances: BTreeMap::new(),
            awaited: Awaited::default(),
            kernel_drops: 0,
            has_stopped: false,
            interfaces: interfaces.to_vec(),
            targets,
            chance,
            config,
            look,
        })
    }

    /// Does what is due at `now`: probes, or noting who was silent.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.has_stopped {
            return;
        }
        self.look.discovery.handle_timeout(now);
        self.take_events(now);
        self.admit(now);
        self.part(now);
        self.dismiss(now);
        if let Some(step) = self.look.step(now) {
            self.call_alone(step);
        }
        if !self.look.is_judged && now >= self.look.is_missed_at() {
            self.judge(now);
        }
        if now >= self.next_look_at() {
            self.look_again(now);
        }
    }

    /// Calls those that are silent at their own addresses: in the first step those that broadcasts
    /// may not reach, and in the last those that it is the last call for.
    fn call_alone(&mut self, step: u32) {
        let which = |it: &Watched| {
            it.is_in_doubt
                || match step {
                    0 => it.is_called_alone() || it.is_leaving(),
                    1 | 2 => true,
                    _ => false,
                }
        };
        let called = self.roll.call_due(self.look.round, which);
        let mut out = Outbox { probes: &self.probes, transmits: &mut self.transmits };
        called.into_iter().for_each(|source| out.call_apart(&Target::routed(source)));
    }

    /// Notes who was silent in the current look, unless answers were lost in this host.
    fn judge(&mut self, now: Instant) {
        self.look.is_judged = true;
        self.admit_answers(now);
        self.announce_all(now);
        let mut heard = false;
        for record in self.look.discovery.servers() {
            let Some(record) = as_announced(&self.instances, record) else { continue };
            if !self.may_tell_more(&record) {
                heard |= self.roll.hear(&record, self.look.round);
            }
        }
        // Two of one server may contradict each other, and the last say what was known.
        let news = heard && self.roll.has_news(self.look.round);
        let dropped = self.drops_answers();
        let missed = !dropped && self.roll.end(self.look.round);
        self.note_departures();
        if missed || news {
            self.pace.quicken(now);
            if self.look.kind == Kind::Round {
                let pause = self.pace.pause(now, &mut self.chance);
                self.next_at = self.next_at.min((self.look.begun + pause).max(now));
            }
        }
        debug!(round = self.look.round, servers = self.roll.len(), missed, dropped, "looked");
    }

    /// Whether answers were lost in this host in the current look.
    fn drops_answers(&self) -> bool {
        self.kernel_drops > self.look.kernel_drops
    }

    /// When the next look begins.
    fn next_look_at(&self) -> Instant {
        match self.look.kind {
            Kind::Opening if !self.reopens => self.look.opened_at(),
            _ if self.look.follows_a_cut => self.next_at.max(self.look.is_missed_at()),
            _ => self.next_at,
        }
    }

    fn look_again(&mut self, now: Instant) {
        let is_whole = now >= self.look.is_missed_at();
        if !self.look.is_judged && is_whole {
            self.judge(now);
        }
        self.admit_answers(now);
        let is_cut = !self.look.is_judged;
        let kind = if self.reopens { Kind::Opening } else { Kind::Round };
        if self.reopens {
            let up = self.interfaces.iter().filter(|it| it.state == LinkState::Up);
            self.roll.keep_links(&up.map(|it| it.index).collect());
        }
        let (round, seed) = (self.look.round + 1, self.chance.random());
        let links = (&self.interfaces[..], &self.targets[..]);
        self.look = Look::begin(kind, round, &self.config, links, seed, now)
            .expect("what could be wrong was looked at in the beginning, and the rest is not kept");
        self.look.kernel_drops = self.kernel_drops;
        self.look.follows_a_cut = is_cut;
        self.reopens = false;
        self.next_at = now + self.pace.pause(now, &mut self.chance);
        self.roll.begin();
        // What it is not told of before its first round has turned up since.
        self.look.discovery.handle_resolved_neighbours(&self.acquainted.all());
        self.look.discovery.handle_timeout(now);
        if let Some(step) = self.look.step(now) {
            self.call_alone(step);
        }
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        if self.has_stopped {
            return None;
        }
        self.transmits.pop_front().or_else(|| self.look.discovery.poll_transmit())
    }

    /// The next event. What happens to a server until it is told of is one event.
    pub fn poll_event(&mut self) -> Option<PresenceEvent> {
        self.roll.poll_event()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) next; `None` once it has stopped.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.has_stopped {
            return None;
        }
        let look = self.look.discovery.poll_timeout();
        let is_missing = self.roll.unheard() > 0 && !self.look.is_judged;
        let missing = is_missing.then(|| self.look.is_missed_at());
        let step = self.look.step_at().filter(|_| is_missing);
        let newcomer = self.newcomers.iter().map(|it| it.due).min();
        let parting = self.parts_at().into_iter().chain(self.dismisses_at());
        let all = look.into_iter().chain(missing).chain(step).chain(newcomer).chain(parting);
        Some(all.fold(self.next_look_at(), Instant::min))
    }

    /// Ends the watch.
    pub fn stop(&mut self) {
        self.has_stopped = true;
    }

    /// The servers that are there, in the order in which they were found.
    pub fn servers(&self) -> impl Iterator<Item = &ServerRecord> {
        self.roll.present()
    }

    /// Whether servers were left out, since there are more than
    /// [`WATCHED_MAX`](crate::limits::WATCHED_MAX).
    pub fn is_truncated(&self) -> bool {
        self.roll.is_full()
    }
}

#[cfg(test)]
mod tests;
