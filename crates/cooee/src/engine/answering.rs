//! A bound socket, the interfaces as they are now, and the engine, turned one step at a time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cooee_core::wire::Family;
use cooee_core::{
    NeighbourState, Offer, ResponderConfig, ResponderEngine, ResponderEvent, SocketId, Transmit,
};
use cooee_udp::{InterfaceWatch, Neighbours, OwnedPort, ReceiveBuffer, UdpSocket, source_towards};

use super::audit::Audit;
use super::drops::KernelDrops;
use super::listening::Listening;
use super::log_limit::Logs;
use super::offering::Offering;
use super::over_v6::OverV6;
use super::progress::Progress;
use super::publishing::Publishing;
use super::random_seed;
use super::resets::Resets;
use super::shared::Shared;
use super::surroundings::Surroundings;
use super::unsent::log_answer;
use crate::{Notice, StartError, State, Stats};

pub(crate) struct Answering {
    // Dropped before the port: the process that takes that over takes these at once.
    publishing: Publishing,
    over_v6: OverV6,
    port: OwnedPort,
    steps: u8,
    local_addr: SocketAddr,
    surroundings: Surroundings,
    looked_around: Instant,
    engine: ResponderEngine,
    neighbours: Option<Neighbours>,
    listening: Listening,
    audit: Audit,
    sent_since_look: usize,
    buffer: ReceiveBuffer,
    batch: Vec<Transmit>,
    unsent: Vec<usize>,
    stats: Stats,
    drops: KernelDrops,
    resets: Resets,
    log: Logs,
    shared: Arc<Shared>,
}

impl Answering {
    /// How old may be what is known while datagrams keep coming. To ask costs as much as a batch.
    const KNOWN_FOR: Duration = Duration::from_millis(10);
    /// Steps in a row after which the IPv6 socket is looked at, though nobody has waited for it.
    const STEPS_UNSEEN: u8 = 32;
    /// Answers that are sent before the send buffer is looked at again.
    const SENT_UNSEEN: usize = ReceiveBuffer::BATCH;

    pub(super) fn new(
        offering: &Offering,
        mut port: OwnedPort,
        shared: Arc<Shared>,
    ) -> Result<Self, StartError> {
        let local_addr =
            port.socket.local_addr().map_err(StartError::system("reading the bound address"))?;
        let bound = Some(local_addr.ip()).filter(|ip| !ip.is_unspecified());
        let config = ResponderConfig { bound, ..offering.config.clone() };
        let own: Vec<Offer> = config.offers().collect();
        let listening = Listening::new(own.iter())?;
        let surroundings = Surroundings::new()?;
        let (table, now) = (surroundings.interfaces(), Instant::now());
        let mut engine = ResponderEngine::new(config, table, random_seed(), now)?;
        if offering.examinable {
            engine.allow_examination(table);
        }
        if let Err(error) = port.hear_offers(own, offering.group) {
            tracing::warn!(%error, "other processes of this host are not answered for");
        }
        let over_v6 = match offering.config.families.has(Family::V6) && bound.is_none() {
            true => OverV6::open(local_addr.port(), table, now),
            false => OverV6::unwanted(),
        };
        let neighbours = Neighbours::new()
            .inspect_err(|error| tracing::warn!(%error, "neighbours are not asked about"))
            .ok();
        Ok(Self {
            publishing: Publishing::new(local_addr),
            port,
            over_v6,
            steps: 0,
            local_addr,
            surroundings,
            looked_around: now,
            engine,
            neighbours,
            listening,
            audit: Audit::new(local_addr, offering.config.advertise),
            sent_since_look: 0,
            buffer: ReceiveBuffer::new(),
            batch: Vec::with_capacity(ReceiveBuffer::BATCH),
            unsent: Vec::new(),
            stats: Stats::default(),
            drops: KernelDrops::default(),
            resets: Resets::default(),
            log: Logs::default(),
            shared,
        })
    }

    /// Says that it answers from now on. A driver calls it once it has all that it needs.
    pub(crate) fn begin(&mut self) {
        self.surroundings.tell_unwatched();
        self.shared.enter(State::Answering { local_addr: self.local_addr });
        self.publish_offers(Instant::now());
    }

    fn publish_offers(&mut self, now: Instant) {
        self.audit_now();
        let interfaces = self.surroundings.interfaces();
        self.publishing.offer(now, self.engine.offers(), interfaces, &mut self.listening);
    }

    /// Judges what keeps clients from finding it, as it is now.
    fn audit_now(&mut self) {
        let over_v6 = self.over_v6.socket().is_some();
        self.audit.note_offers(self.engine.offers());
        self.audit.look(self.surroundings.interfaces(), over_v6, &self.shared);
    }

    pub(crate) fn socket(&self) -> &UdpSocket {
        &self.port.socket
    }

    /// The socket for IPv6, if it answers there too.
    pub(crate) fn socket_v6(&self) -> Option<&UdpSocket> {
        self.over_v6.socket()
    }

    /// Takes note that something has arrived on the socket for IPv6.
    pub(crate) fn note_v6_readable(&mut self) {
        self.over_v6.note_readable(true);
    }

    /// Answers over IPv4 alone for a while.
    pub(crate) fn release_v6(&mut self, now: Instant, why: &io::Error) {
        self.over_v6.release(now, why);
        self.drops.forget(SocketId::V6);
        if self.audit.says_over_v6() {
            self.audit_now();
        }
    }

    pub(crate) fn watch(&self) -> Option<&InterfaceWatch> {
        self.surroundings.watch()
    }

    #[cfg(unix)]
    pub(crate) fn port(&self) -> &OwnedPort {
        &self.port
    }

    /// Changes when descriptors have been opened or closed.
    #[cfg(target_os = "linux")]
    pub(crate) fn opened(&self) -> (u64, bool) {
        (self.port.offerers_seen(), self.listening.sys().is_some())
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn listeners(&self) -> Option<&cooee_udp::Listeners> {
        self.listening.sys()
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn neighbours(&self) -> Option<&Neighbours> {
        self.neighbours.as_ref()
    }

    /// Whether it takes its time to be dropped, up to a second.
    #[cfg(feature = "tokio")]
    pub(crate) fn says_goodbye(&self) -> bool {
        self.publishing.is_begun()
    }

    /// When to turn it again even if nothing arrives.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let others = self.port.offers_due().into_iter().chain(self.over_v6.due());
        let others = others.chain(self.publishing.due());
        self.engine.poll_timeout().into_iter().chain(others).min()
    }

    /// Takes what has arrived, up to one batch, and answers it; does what is due.
    pub(crate) fn step(&mut self, now: Instant) -> Progress {
        if now.saturating_duration_since(self.looked_around) >= Self::KNOWN_FOR {
            self.look_around(now);
        } else if self.sent_since_look >= Self::SENT_UNSEEN {
            self.look_at_memory(now);
        }
        let received = self.port.socket.receive(&mut self.buffer);
        let mut progress = self.take(now, SocketId::V4, received);
        self.steps = self.steps.wrapping_add(1);
        if self.steps.is_multiple_of(Self::STEPS_UNSEEN) {
            self.note_v6_readable();
        }
        if let Some(socket) = self.over_v6.readable() {
            let received = socket.receive(&mut self.buffer);
            progress = progress.and(self.take_v6(now, received));
        }
        if progress != Progress::More {
            self.look_around(now);
            if self.engine.poll_timeout().is_some_and(|due| due <= now) {
                self.engine.handle_timeout(now);
                self.tell();
            }
        }
        self.publish();
        progress
    }

    /// Answers what was received on a socket.
    fn take(&mut self, now: Instant, socket: SocketId, received: io::Result<()>) -> Progress {
        match received {
            Ok(()) => {
                self.resets.reset();
                self.decide(now);
                self.send(now, socket);
                Progress::More
            }
            Err(error) => self.not_received(now, &error),
        }
    }

    #[cold]
    fn take_v6(&mut self, now: Instant, received: io::Result<()>) -> Progress {
        let progress = self.take(now, SocketId::V6, received);
        self.over_v6.note_readable(progress != Progress::Idle);
        progress
    }

    fn look_around(&mut self, now: Instant) {
        self.looked_around = now;
        self.look_at_interfaces(now);
        if self.over_v6.retry(now, self.surroundings.interfaces()) {
            self.audit_now();
        }
        self.look_at_memory(now);
        self.look_at_offers(now);
        self.publishing.turn(now, &self.shared);
    }

    /// Takes what processes that stand by offer, if that has changed.
    pub(crate) fn look_at_offers(&mut self, now: Instant) {
        let Some(offers) = self.port.look_at_offers(now) else { return };
        self.listening.prepare(now, offers.iter());
        self.engine.handle_offers(offers);
        self.shared.tell(|| Notice::OffersChanged { services: self.engine.offers().count() });
        self.publish_offers(now);
    }

    /// Looks at what the kernel has dropped, and how full the send buffers are.
    fn look_at_memory(&mut self, now: Instant) {
        self.sent_since_look = 0;
        let v6 = self.socket_v6().and_then(UdpSocket::memory);
        for (socket, memory) in [(SocketId::V4, self.port.socket.memory()), (SocketId::V6, v6)] {
            let Some(memory) = memory else { continue };
            self.engine.handle_send_room(socket, memory.send_used, memory.send_capacity);
            self.drops.note(socket, memory.drops);
        }
        let drops = self.drops.total;
        if std::mem::replace(&mut self.stats.kernel_drops, drops) < drops
            && let Some(held_back) = self.log.drops.admit(now)
        {
            tracing::warn!(drops, held_back, "the kernel dropped datagrams, too many at once");
        }
    }

    fn publish(&mut self) {
        self.stats.counters = *self.engine.counters();
        self.shared.publish(&self.stats);
    }

    /// Lists the interfaces again if they have changed.
    pub(crate) fn look_at_interfaces(&mut self, now: Instant) {
        match self.surroundings.look() {
            Ok(false) => {}
            Ok(true) => {
                let table = self.surroundings.interfaces();
                self.engine.handle_interfaces(table);
                self.over_v6.hasten(now);
                self.over_v6.join(table);
                self.publishing.handle_interfaces(now, table);
                self.stats.interface_changes += 1;
                self.shared.tell(|| Notice::InterfacesChanged);
                self.audit_now();
            }
            Err(error) => {
                if let Some(held_back) = self.log.interfaces.admit(now) {
                    tracing::warn!(%error, held_back, "the interfaces cannot be listed");
                }
            }
        }
    }

    fn decide(&mut self, now: Instant) {
        for datagram in self.buffer.datagrams() {
            self.engine.handle_datagram(now, &datagram);
            if self.audit.is_listening_for_strangers() {
                let sender = datagram.source.ip();
                self.audit.note(sender, &self.engine, self.surroundings.interfaces(), &self.shared);
            }
            while let Some(event) = self.engine.poll_event() {
                match event {
                    ResponderEvent::RouteWanted { asker } => {
                        let route = source_towards(asker, None);
                        self.engine.handle_route(now, asker, route);
                    }
                    ResponderEvent::NeighbourWanted { asker, interface } => {
                        let neighbours = self.neighbours.as_mut();
                        let state = neighbours
                            .map_or(NeighbourState::Unknown, |n| n.state(asker, interface));
                        self.engine.handle_neighbour(now, asker, interface, state);
                    }
                    ResponderEvent::ListenersWanted { port } => {
                        let sockets = self.listening.on_port(now, port);
                        self.engine.handle_listeners(now, port, sockets.as_deref());
                    }
                    ResponderEvent::NotListening { offer, is_own } => {
                        let Some(offer) = self.engine.offer(offer) else { continue };
                        self.port.tell_not_listening(offer);
                        if is_own {
                            self.shared.tell_not_listening(offer.port());
                        }
                    }
                    ResponderEvent::Insistent(insistent) => self.shared.tell_insistent(insistent),
                    _ => {}
                }
            }
            while let Some(transmit) = self.engine.poll_transmit() {
                self.batch.push(transmit);
            }
        }
    }

    /// Tells what the engine has to tell without having been asked.
    fn tell(&mut self) {
        while let Some(event) = self.engine.poll_event() {
            if let ResponderEvent::Insistent(insistent) = event {
                self.shared.tell_insistent(insistent);
            }
        }
    }

    fn send(&mut self, now: Instant, socket: SocketId) {
        let (unsent, log, audit) = (&mut self.unsent, &mut self.log.send, &mut self.audit);
        unsent.clear();
        let socket = match self.over_v6.socket() {
            Some(over_v6) if socket == SocketId::V6 => over_v6,
            _ => &self.port.socket,
        };
        socket.send(&self.batch, |failure| {
            unsent.push(failure.index);
            audit.note_unsent(&failure);
            log_answer(log, now, &failure);
        });
        self.audit.tell_unsent(self.surroundings.interfaces(), &self.shared);
        self.sent_since_look += self.batch.len();
        self.stats.send_failures += self.unsent.len() as u64;
        self.shared.tell_answers(&self.batch, &self.unsent);
        self.batch.clear();
    }

    fn not_received(&mut self, now: Instant, error: &io::Error) -> Progress {
        match error.kind() {
            io::ErrorKind::WouldBlock => {
                self.resets.reset();
                Progress::Idle
            }
            _ if self.resets.pass_over(error) => Progress::More,
            _ => {
                self.stats.receive_failures += 1;
                if let Some(held_back) = self.log.receive.admit(now) {
                    tracing::warn!(%error, held_back, "receiving failed");
                }
                Progress::Trouble
            }
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.look_at_memory(Instant::now());
        self.publish();
        // What never began goes back to standing by, or is an error of the start.
        if self.shared.state().local_addr().is_some() {
            self.shared.enter(State::Stopped);
        }
    }
}
