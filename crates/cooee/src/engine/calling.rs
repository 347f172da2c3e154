//! The sockets of one discovery or watch, and the state machine that decides what to send.

use std::io;
use std::time::{Duration, Instant};

use cooee_core::interface::Interface;
use cooee_core::wire::{Families, Family};
use cooee_core::{
    ConfigError, Datagram, DiscoveryConfig, DiscoveryEngine, ServerRecord, Target, Transmit,
};
use cooee_udp::{InterfaceWatch, ReceiveBuffer, interfaces};

use super::browsing::Browsing;
use super::log_limit::LogLimit;
use super::machine::Machine;
use super::names::Names;
use super::neighbourhood::Neighbourhood;
use super::random_seed;
use super::resets::Resets;
use super::routes::Routes;
use super::sockets::Sockets;
use super::unsent::{hint, why_unsent};
use super::witness::Witness;
use crate::settings::Discovery;
use crate::{DiscoverError, Server};

/// What is to be sent and heard: by a discovery, unless something else is said.
pub(crate) struct Calling<M = DiscoveryEngine> {
    pub(super) sockets: Sockets,
    pub(super) engine: M,
    buffer: ReceiveBuffer,
    batch: Vec<Transmit>,
    pub(super) interfaces: Vec<Interface>,
    interfaces_stale: bool,
    pub(super) routes: Routes,
    pub(super) neighbourhood: Neighbourhood,
    pub(super) watch: Option<InterfaceWatch>,
    pub(super) witness: Witness,
    pub(super) settings: Discovery,
    room_for_targets: usize,
    names: Names,
    pub(super) browsing: Browsing,
    /// When the sockets were last known to be empty, or waited for.
    attentive_at: Instant,
    resets: Resets,
    log: Logs,
}

#[derive(Default)]
struct Logs {
    send: LogLimit,
    receive: LogLimit,
    interfaces: LogLimit,
    missing: Vec<String>,
    left_out: bool,
}

impl Logs {
    /// Warns once that some broadcast addresses are left out.
    fn tell_left_out(&mut self, targets: usize, room: usize) {
        let left_out = targets.saturating_sub(room);
        if left_out > 0 && !self.left_out {
            self.left_out = true;
            tracing::warn!(
                "{left_out} of {targets} broadcast addresses are not probed, since one discovery probes {room}; name \
                 the interfaces to use"
            );
        }
    }
}

/// What one attempt to receive brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    Some,
    Nothing,
    /// Receiving failed, and may fail again at once: pause before the next attempt.
    Trouble,
}

/// Makes a state machine, as [`DiscoveryEngine::new`] is called.
pub(super) type Make<M> =
    fn(DiscoveryConfig, Vec<Target>, &[Interface], u64, Instant) -> Result<M, ConfigError>;

/// What the sockets are opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Discovery,
    /// Goes on when nothing can be probed now.
    Watch,
}

impl<M: Machine> Calling<M> {
    /// Batches that are taken before a timer that is due is acted on: more than a receive buffer
    /// holds, and not for ever.
    const BATCHES_BEFORE_TIMER: usize = 512;
    /// A datagram that is read so long after the socket was empty may have waited.
    const PROMPT: Duration = Duration::from_millis(5);

    /// Opens the sockets and sends the first round.
    pub(super) fn open(
        mut settings: Discovery,
        purpose: Purpose,
        make: Make<M>,
    ) -> Result<Self, DiscoverError> {
        // Watched first, listed then: a change in between is seen twice rather than never.
        let watch = InterfaceWatch::new()
            .inspect_err(|error| tracing::debug!(%error, "changes of interfaces go unnoticed"))
            .ok();
        let interfaces = interfaces().map_err(DiscoverError::system("listing the interfaces"))?;
        let mut config = settings.config(&interfaces)?;
        match settings.check_interfaces(&interfaces) {
            Err(DiscoverError::NoInterface { .. }) if purpose == Purpose::Watch => {}
            checked => checked?,
        }
        let sockets = Sockets::open(&config, purpose == Purpose::Watch);
        let sockets = sockets.map_err(DiscoverError::system("opening a socket"))?;
        if config.speaks(Family::V6) && !sockets.has_v6() {
            settings = settings.families(Families::V4);
            config = settings.config(&interfaces)?;
        }
        let targets = settings.targets(&interfaces);
        let neighbourhood = Neighbourhood::begin(&interfaces);
        let room_for_targets = config.room_for_targets();
        let now = Instant::now();
        let names = Names::look_up(settings.hosts(), settings.udp_port(), now);
        let browsing = Browsing::new(&settings, now);
        let mut log = Logs::default();
        log.tell_left_out(targets.len(), room_for_targets);
        let engine = make(config, targets, &interfaces, random_seed(), now)?;
        let mut calling = Self {
            sockets,
            engine,
            buffer: ReceiveBuffer::new(),
            batch: Vec::new(),
            interfaces,
            interfaces_stale: false,
            routes: Routes::default(),
            witness: Witness::begin(neighbourhood.before()),
            neighbourhood,
            watch,
            settings,
            room_for_targets,
            names,
            browsing,
            attentive_at: now,
            resets: Resets::default(),
            log,
        };
        calling.neighbourhood.tell(&mut calling.engine, now);
        calling.engine.handle_timeout(now);
        let sent = calling.send(now);
        match sent.refused {
            Some(error) if sent.count == 0 && purpose == Purpose::Discovery => {
                Err(DiscoverError::Unsent { source: error })
            }
            _ => Ok(calling),
        }
    }

    pub(crate) fn sockets(&self) -> &Sockets {
        &self.sockets
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let due = self.engine.poll_timeout()?;
        let beside =
            self.names.look_at().into_iter().chain(self.browsing.look_at(self.attentive_at));
        Some(beside.fold(due, Instant::min))
    }

    /// Has `wake` called, in another thread, when there is news that no socket tells of.
    pub(crate) fn wake_by(&mut self, wake: impl Fn() + Send + Sync + 'static) {
        self.browsing.wake_by(wake);
    }

    /// From now on no end of browsing is waited for: a worker of a runtime has others to serve.
    #[cfg(feature = "tokio")]
    pub(crate) fn never_wait(&mut self) {
        self.browsing.never_wait();
    }

    /// Does what is due: takes what has arrived until now, sends the next probes, or ends.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.names.tell(now, &mut self.engine);
        if self.engine.poll_timeout().is_some() {
            self.browsing.tell(now, &mut self.engine, &self.settings, &self.interfaces);
        }
        if self.engine.poll_timeout().is_some_and(|due| due <= now) {
            // Whoever acts on a timer before it looks takes what has arrived for missing.
            for _ in 0..Self::BATCHES_BEFORE_TIMER {
                let received = self.receive(now);
                if self.judge(now, received) != Received::Some {
                    break;
                }
            }
            self.note_drops();
            self.look_at_interfaces(now);
            self.neighbourhood.tell(&mut self.engine, now);
            self.engine.handle_timeout(now);
            self.send(now);
        }
        if self.engine.poll_timeout().is_none() {
            // Its owner may keep it for long, and nobody asks for more.
            self.browsing.end();
        }
    }

    /// Calls on the interfaces that there are now, if they have changed.
    pub(super) fn look_at_interfaces(&mut self, now: Instant) {
        let changed = self.watch.as_mut().is_some_and(InterfaceWatch::changed);
        if !changed && !self.interfaces_stale {
            return;
        }
        let listed = interfaces();
        self.interfaces_stale = listed.is_err();
        match listed {
            Ok(interfaces) => {
                self.tell_missing(&interfaces);
                let targets = self.settings.targets(&interfaces);
                self.log.tell_left_out(targets.len(), self.room_for_targets);
                self.engine.handle_interfaces(now, &interfaces, targets);
                self.browsing.relocate(&self.settings, &interfaces);
                self.interfaces = interfaces;
                self.routes = Routes::default();
            }
            Err(error) => {
                if let Some(held_back) = self.log.interfaces.admit(now) {
                    tracing::warn!(%error, held_back, "the interfaces cannot be listed");
                }
            }
        }
    }

    /// Warns once about each named interface that cannot be used any more.
    fn tell_missing(&mut self, interfaces: &[Interface]) {
        for (name, why) in self.settings.missing(interfaces) {
            if !self.log.missing.contains(&name) {
                tracing::warn!("no more probes from {name}: {why}");
                self.log.missing.push(name);
            }
        }
    }

    /// Takes note that the driver waited until now: what arrives from now on has not waited. Where
    /// it wakes long after the timer was due, its thread was busy with something else, and what it
    /// finds may have waited.
    pub(crate) fn woke(&mut self, now: Instant) {
        let due = self.engine.poll_timeout();
        if due.is_none_or(|due| now.saturating_duration_since(due) <= Self::PROMPT) {
            self.attentive_at = now;
        }
    }

    /// Takes what has arrived, up to one batch for each socket.
    pub(crate) fn receive(&mut self, now: Instant) -> io::Result<Received> {
        let waited = now.saturating_duration_since(self.attentive_at) > Self::PROMPT;
        let engine = &mut self.engine;
        let (mut empty, mut trouble) = (true, None);
        for (socket, io) in self.sockets.iter() {
            match io.receive(&mut self.buffer) {
                Ok(()) => {
                    empty = false;
                    for datagram in self.buffer.datagrams() {
                        engine.handle_datagram(now, &Datagram { socket, waited, ..datagram });
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => trouble = trouble.or(Some(error)),
            }
        }
        // In trouble too: what is not read keeps the sockets ready.
        let witness = &mut self.witness;
        self.sockets.receive_refusals(|refusal| {
            witness.note(&refusal);
            if refusal.error.kind() == io::ErrorKind::ConnectionRefused {
                engine.handle_refusal(now, refusal.destination);
            }
        });
        if empty {
            self.attentive_at = now;
            trouble.map_or(Ok(()), Err)?;
        }
        Ok(if empty { Received::Nothing } else { Received::Some })
    }

    /// What to make of an attempt to receive. Errors of the socket are logged and are no reason to
    /// give up: other interfaces may still bring answers.
    pub(crate) fn judge(&mut self, now: Instant, received: io::Result<Received>) -> Received {
        match received {
            Ok(received) => {
                self.resets.reset();
                received
            }
            Err(error) if self.resets.pass_over(&error) => Received::Some,
            Err(error) => {
                if let Some(held_back) = self.log.receive.admit(now) {
                    tracing::warn!(%error, held_back, "receiving failed");
                }
                Received::Trouble
            }
        }
    }

    pub(super) fn note_drops(&mut self) {
        self.engine.handle_drops(self.sockets.drops());
    }

    fn send(&mut self, now: Instant) -> Sent {
        self.batch.clear();
        self.batch.extend(std::iter::from_fn(|| self.engine.poll_transmit()));
        let mut sent = Sent { count: self.batch.len(), refused: None };
        let (log, engine, witness) = (&mut self.log.send, &mut self.engine, &mut self.witness);
        let remembered = self.settings.remembered_addresses();
        self.sockets.send(&self.batch, |failure| {
            sent.count -= 1;
            witness.note_unsent(&failure);
            let again = engine.handle_unsent(now, failure.transmit, why_unsent(&failure.error));
            let to = failure.transmit.destination;
            if remembered.contains(&to) || engine.may_be_out_of_reach(to) {
                tracing::debug!(%to, error = %failure.error, "a known server is out of reach");
            } else if !again && let Some(held_back) = log.admit(now) {
                let (error, hint) = (&failure.error, hint(&failure.error));
                tracing::warn!(%to, %error, held_back, "a probe was not sent{hint}");
            }
            sent.refused.get_or_insert(failure.error);
        });
        sent
    }
}

/// The server with what this host knows of its interface and of the way to it.
pub(super) fn named(server: ServerRecord, interfaces: &[Interface], routes: &mut Routes) -> Server {
    let interface = interfaces.iter().find(|i| Some(i.index) == server.interface);
    let name = interface.map(|interface| interface.name.clone());
    let reach = routes.reach(server.ip, server.interface, interfaces);
    Server::new(server, name, reach)
}

struct Sent {
    count: usize,
    refused: Option<io::Error>,
}
