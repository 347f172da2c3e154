//! The answering side: what to answer, which sources, from which address, how often.

mod address;
mod copies;
mod counters;
mod insistent;
mod neighbours;
mod own;
mod policy;
mod rate;
mod replies;
mod source;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use tracing::{debug, trace};

use crate::interface::Interface;
use crate::wire::{Family, Query};
use crate::{ConfigError, Datagram, ResponderConfig, SocketId, Transmit, limits};
use address::{AddressBook, Choice, Chosen, Way};
use copies::Copies;
pub use counters::{Counters, ProbeRefusal};
pub use insistent::Insistent;
use insistent::InsistentSources;
pub use neighbours::NeighbourState;
use neighbours::Neighbours;
use rate::RateLimiter;
use replies::Replies;
use source::{SourceId, Sources};

/// The server side of the protocol.
///
/// Driven as the [crate's contract](crate) says. Its only timer is for the report about a source
/// that exceeds the rate limit.
#[derive(Debug)]
pub struct ResponderEngine {
    config: ResponderConfig,
    book: AddressBook,
    replies: Replies,
    sources: Sources,
    rate: RateLimiter,
    copies: Option<Copies>,
    neighbours: Neighbours,
    insistent: InsistentSources,
    counters: Counters,
    transmits: VecDeque<Transmit>,
    events: VecDeque<ResponderEvent>,
    pending: VecDeque<Pending>,
}

/// What a [`ResponderEngine`] asks of its driver, or reports to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponderEvent {
    /// The client is on none of this host's networks. Find the local address that a datagram to it
    /// would leave from, and reply with [`ResponderEngine::handle_route`].
    RouteWanted {
        /// The client.
        asker: IpAddr,
    },
    /// The client is a neighbour. Find whether the system has its link address, and reply with
    /// [`ResponderEngine::handle_neighbour`].
    NeighbourWanted {
        /// The client.
        asker: IpAddr,
        /// The index of the interface on its link.
        interface: u32,
    },
    /// A source exceeded the rate limit. Reported once a minute for each.
    Insistent(Insistent),
}

/// A probe that is to be answered.
#[derive(Debug, Clone, Copy)]
struct Probe {
    codec: usize,
    socket: SocketId,
    from: SocketAddr,
    source: SourceId,
    way: Way,
}

/// A probe whose answer waits for what the driver was asked.
#[derive(Debug)]
struct Pending {
    probe: Probe,
    wants: Wants,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    Route,
    /// On the link of this interface. What was chosen may be of interfaces that are gone.
    Neighbour(Option<Chosen>, u32),
}

impl ResponderEngine {
    /// A responder configured by `config`, with the addresses of `interfaces`.
    ///
    /// `seed` keys the hashes of sources, so that an attacker cannot find two that share a slot; take
    /// it from the system's randomness. `now` is the start of its time.
    ///
    /// # Errors
    /// The first invalid setting in `config`.
    pub fn new(
        config: ResponderConfig,
        interfaces: &[Interface],
        seed: u64,
        now: Instant,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let book = AddressBook::new(&config, interfaces);
        Ok(Self {
            replies: Replies::new(&config.codecs, config.service_port, book.nameable()),
            copies: book.has_several_interfaces().then(Copies::new),
            book,
            sources: Sources::new(seed),
            rate: RateLimiter::new(config.rate_limit, now),
            neighbours: Neighbours::new(),
            insistent: InsistentSources::default(),
            counters: Counters::default(),
            transmits: VecDeque::new(),
            events: VecDeque::new(),
            pending: VecDeque::new(),
            config,
        })
    }

    /// Replaces this host's interfaces. Later answers use them.
    pub fn handle_interfaces(&mut self, interfaces: &[Interface]) {
        let config = &self.config;
        self.book = AddressBook::new(config, interfaces);
        self.replies = Replies::new(&config.codecs, config.service_port, self.book.nameable());
        self.copies = self.book.has_several_interfaces().then(Copies::new);
        for pending in &mut self.pending {
            if let Wants::Neighbour(chosen, _) = &mut pending.wants {
                *chosen = match self.book.choose(pending.probe.way) {
                    Choice::Answer(anew) => Some(anew),
                    Choice::AskRoute => None,
                };
            }
        }
    }

    /// Takes how many bytes of the send buffer are in use, and its size, on systems that report
    /// them. Call it before each batch of datagrams.
    pub fn handle_send_room(&mut self, used: u32, capacity: u32) {
        self.neighbours.handle_send_room(used, capacity);
    }

    /// Takes one datagram, and answers it if it is a probe from an admissible source.
    pub fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        self.counters.received += 1;
        if let Err(why) = self.consider(now, datagram) {
            let from = datagram.source;
            debug!(%from, why = why.as_str(), "refused a datagram");
            if why == ProbeRefusal::SourceRate {
                let told = self.insistent.note(now, from.ip());
                self.events.extend(told.map(ResponderEvent::Insistent));
            }
            self.counters.count(why);
        }
    }

    fn consider(&mut self, now: Instant, datagram: &Datagram<'_>) -> Result<(), ProbeRefusal> {
        let codec = self.decode(datagram)?;
        let from = datagram.source;
        policy::answerable(from, &self.book)?;
        policy::admit(&self.config, &self.book, from.ip(), datagram.interface)?;
        let on_link = from.is_ipv6() && self.book.is_on_link(from.ip(), datagram.interface);
        let source = self.sources.host(from, on_link);
        self.rate.take(now, source)?;
        if let Some(copies) = &mut self.copies {
            copies.check(now, self.sources.socket(from), datagram.interface)?;
        }
        let (called, arrived_on) = (datagram.destination, datagram.interface);
        let way = Way { asker: from.ip(), called, arrived_on };
        let probe = Probe { codec, socket: datagram.socket, from, source, way };
        let answered = self.choose(now, probe);
        self.forget_if_refused(from, answered)
    }

    /// A copy of what was refused may be answered: it arrived by another way.
    fn forget_if_refused(
        &mut self,
        from: SocketAddr,
        answered: Result<(), ProbeRefusal>,
    ) -> Result<(), ProbeRefusal> {
        if let (Err(_), Some(copies)) = (answered, &mut self.copies) {
            copies.forget(self.sources.socket(from));
        }
        answered
    }

    fn choose(&mut self, now: Instant, probe: Probe) -> Result<(), ProbeRefusal> {
        match self.book.choose(probe.way) {
            Choice::Answer(chosen) => self.answer(now, &probe, &chosen),
            Choice::AskRoute => {
                self.has_room_to_ask()?;
                self.rate.take_route(now)?;
                self.pending.push_back(Pending { probe, wants: Wants::Route });
                self.events.push_back(ResponderEvent::RouteWanted { asker: probe.way.asker });
                Ok(())
            }
        }
    }

    /// The protocol in which the datagram is a query.
    fn decode(&self, datagram: &Datagram<'_>) -> Result<usize, ProbeRefusal> {
        let mut why = ProbeRefusal::Foreign;
        for (n, codec) in self.config.codecs.iter().enumerate() {
            match codec.decode_query(datagram.payload) {
                Ok(Query::Discover) if codec.speaks(Family::from(datagram.source)) => return Ok(n),
                Ok(_) => why = ProbeRefusal::SourceUnusable,
                Err(error) if why == ProbeRefusal::Foreign => why = error.into(),
                Err(_) => {}
            }
        }
        Err(why)
    }

    fn has_room_to_ask(&self) -> Result<(), ProbeRefusal> {
        if self.pending.len() < limits::ROUTES_PENDING { Ok(()) } else { Err(ProbeRefusal::Busy) }
    }

    /// Answers, if that can leave at once; asks about the neighbour if that is not known.
    fn answer(&mut self, now: Instant, probe: &Probe, chosen: &Chosen) -> Result<(), ProbeRefusal> {
        let asker = probe.way.asker;
        if self.book.is_own(asker) {
            return self.send(probe, chosen);
        }
        let Some(link) = self.book.link_of(asker, chosen.leave_by) else {
            self.neighbours.admit_routed()?;
            return self.send(probe, chosen);
        };
        if self.neighbours.is_resolved(now, probe.source) {
            return self.send(probe, chosen);
        }
        if self.rate.take_neighbour(now).is_err() {
            self.neighbours.admit(now, probe.source, NeighbourState::Unresolved)?;
            return self.send(probe, chosen);
        }
        self.has_room_to_ask()?;
        self.pending
            .push_back(Pending { probe: *probe, wants: Wants::Neighbour(Some(*chosen), link) });
        self.events.push_back(ResponderEvent::NeighbourWanted { asker, interface: link });
        Ok(())
    }

    /// Replies to [`ResponderEvent::RouteWanted`]: the local address that a datagram to `asker` would
    /// leave from; `None` if there is no route.
    pub fn handle_route(&mut self, now: Instant, asker: IpAddr, route: Option<IpAddr>) {
        while let Some(pending) =
            self.take_pending(|p| p.wants == Wants::Route && p.probe.way.asker == asker)
        {
            let probe = pending.probe;
            // Meanwhile the interfaces may have changed, and the asker be everybody.
            let answered = policy::answerable(probe.from, &self.book).and_then(|()| {
                let chosen = self.book.choose_by_route(probe.way, route);
                self.answer(now, &probe, &chosen.ok_or(ProbeRefusal::NoRoute)?)
            });
            self.count_refused(probe.from, answered);
        }
    }

    /// Replies to [`ResponderEvent::NeighbourWanted`]: whether the system has the link address of
    /// `asker` on the link of `interface`.
    pub fn handle_neighbour(
        &mut self,
        now: Instant,
        asker: IpAddr,
        interface: u32,
        state: NeighbourState,
    ) {
        let is_it = |p: &Pending| {
            let waits = matches!(p.wants, Wants::Neighbour(_, link) if link == interface);
            waits && p.probe.way.asker == asker
        };
        while let Some(pending) = self.take_pending(is_it) {
            let Wants::Neighbour(chosen, _) = pending.wants else { continue };
            let probe = pending.probe;
            let answered = policy::answerable(probe.from, &self.book)
                .and_then(|()| chosen.ok_or(ProbeRefusal::NoRoute))
                .and_then(|chosen| {
                    self.neighbours.admit(now, probe.source, state)?;
                    self.send(&probe, &chosen)
                });
            self.count_refused(probe.from, answered);
        }
    }

    fn take_pending(&mut self, is_it: impl Fn(&Pending) -> bool) -> Option<Pending> {
        let index = self.pending.iter().position(is_it)?;
        self.pending.remove(index)
    }

    fn count_refused(&mut self, from: SocketAddr, answered: Result<(), ProbeRefusal>) {
        if let Err(why) = self.forget_if_refused(from, answered) {
            self.counters.count(why);
        }
    }

    fn send(&mut self, probe: &Probe, chosen: &Chosen) -> Result<(), ProbeRefusal> {
        let payload = self.replies.payload(&self.config.codecs, probe.codec, chosen.named);
        let payload = payload.ok_or(ProbeRefusal::Unnameable)?;
        trace!(to = %probe.from, named = %chosen.named, "answered");
        self.counters.answered += 1;
        self.transmits.push_back(Transmit {
            socket: probe.socket,
            destination: probe.from,
            source: chosen.from,
            interface: chosen.leave_by,
            payload,
        });
        Ok(())
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        let events = &mut self.events;
        self.insistent.due(now, |insistent| {
            debug!(source = %insistent.source, refused = insistent.refused, "asks too often");
            events.push_back(ResponderEvent::Insistent(insistent));
        });
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) next; `None` if nothing is due. Idle
    /// responders have no timer.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.insistent.next_at()
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<ResponderEvent> {
        self.events.pop_front()
    }

    /// Probes received, answered and refused since start.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}

#[cfg(test)]
mod tests;
