//! The answering side: what to answer, which sources, from which address, how often.

mod address;
mod copies;
mod counters;
mod examining;
mod insistent;
mod listeners;
mod lookups;
mod neighbours;
mod offers;
mod own;
mod policy;
mod rate;
mod sending;
mod source;
mod turns;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use tracing::debug;

use crate::examine::{Examiner, is_exchange};
use crate::interface::Interface;
use crate::{ConfigError, Datagram, Offer, ResponderConfig, SocketId, Transmit};
use address::{AddressBook, Choice, Chosen, Way};
use copies::Copies;
pub use counters::{Counters, ProbeRefusal};
pub use insistent::Insistent;
use insistent::InsistentSources;
use listeners::Listeners;
pub use listeners::ListeningSocket;
pub use neighbours::NeighbourState;
use neighbours::Neighbours;
use offers::{OfferSet, Offers};
use rate::RateLimiter;
use source::{SourceId, Sources};
use turns::Turns;

/// The server side of the protocol.
///
/// Driven as the [crate's contract](crate) says. Its only timer is for the report about a source
/// that exceeds the rate limit.
#[derive(Debug)]
pub struct ResponderEngine {
    bound: Option<IpAddr>,
    book: AddressBook,
    offers: Offers,
    turns: Turns,
    listeners: Listeners,
    sources: Sources,
    rate: RateLimiter,
    copies: Option<Copies>,
    neighbours: Neighbours,
    /// Those of IPv6, whose answers have a send buffer of their own.
    neighbours_v6: Neighbours,
    insistent: InsistentSources,
    counters: Counters,
    transmits: VecDeque<Transmit>,
    events: VecDeque<ResponderEvent>,
    pending: VecDeque<Pending>,
    examiner: Option<Examiner>,
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
    /// An offer needs a listener. Find the TCP sockets that listen on the port, and reply with
    /// [`ResponderEngine::handle_listeners`].
    ListenersWanted {
        /// The port.
        port: u16,
    },
    /// A source exceeded the rate limit. Reported once a minute for each.
    Insistent(Insistent),
    /// A probe found an offer silent for want of a listener. Reported once for each.
    NotListening {
        /// Which one, for [`ResponderEngine::offer`].
        offer: usize,
        /// Whether it is our own.
        is_own: bool,
    },
}

/// A probe that is to be answered.
#[derive(Debug, Clone, Copy)]
struct Probe {
    offers: OfferSet,
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
    /// What listens on the ports that its offers need.
    Listeners,
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
        let book = AddressBook::new(config.bound, interfaces);
        Ok(Self {
            bound: config.bound,
            offers: Offers::new(config.offers(), config.bound, &book),
            turns: Turns::new(),
            listeners: Listeners::default(),
            copies: book.has_several_interfaces().then(Copies::new),
            book,
            sources: Sources::new(seed),
            rate: RateLimiter::new(config.rate_limit, now),
            neighbours: Neighbours::new(),
            neighbours_v6: Neighbours::new(),
            insistent: InsistentSources::default(),
            counters: Counters::default(),
            transmits: VecDeque::new(),
            events: VecDeque::new(),
            pending: VecDeque::new(),
            examiner: None,
        })
    }

    /// Replaces this host's interfaces. Later answers use them.
    pub fn handle_interfaces(&mut self, interfaces: &[Interface]) {
        self.book = AddressBook::new(self.bound, interfaces);
        self.offers.refresh(&self.book);
        if let Some(examiner) = &mut self.examiner {
            examiner.handle_interfaces(interfaces);
        }
        self.copies = self.book.has_several_interfaces().then(Copies::new);
        for pending in &mut self.pending {
            if let Wants::Neighbour(chosen, _) = &mut pending.wants {
                let names_ours = self.offers.name_ours(pending.probe.offers);
                *chosen = match self.book.choose(pending.probe.way, names_ours) {
                    Choice::Answer(anew) => Some(anew),
                    Choice::AskRoute => None,
                };
            }
        }
    }

    /// Replaces the offers of processes that stand by: up to
    /// [`OFFERS_MAX`](crate::limits::OFFERS_MAX) distinct ones, our own included, and none that
    /// [`Offer::check`] refuses. Probes whose answer waits are not answered any more.
    pub fn handle_offers(&mut self, offers: impl IntoIterator<Item = Offer>) {
        for pending in std::mem::take(&mut self.pending) {
            self.count_refused(pending.probe.from, Err(ProbeRefusal::Busy));
        }
        let sound = offers.into_iter().filter(|offer| offer.check().is_ok());
        self.offers.replace(sound, &self.book);
        self.listeners.retain(self.offers.iter());
        debug!(offers = self.offers.iter().count(), "the offers changed");
    }

    /// An offer that an event names.
    pub fn offer(&self, position: usize) -> Option<&Offer> {
        self.offers.get(position)
    }

    /// Every offer, our own first.
    pub fn offers(&self) -> impl Iterator<Item = &Offer> {
        self.offers.iter()
    }

    /// Takes how many bytes of the send buffer of a socket are in use, and its size, on systems
    /// that report them. Call it before each batch of datagrams.
    pub fn handle_send_room(&mut self, socket: SocketId, used: u32, capacity: u32) {
        match socket {
            SocketId::V6 => self.neighbours_v6.handle_send_room(used, capacity),
            SocketId::V4 | SocketId::Sweep => self.neighbours.handle_send_room(used, capacity),
        }
    }

    #[inline]
    fn neighbours_mut(&mut self, from: SocketAddr) -> &mut Neighbours {
        if from.is_ipv4() { &mut self.neighbours } else { &mut self.neighbours_v6 }
    }

    /// Takes one datagram, and answers it if it is a probe from an admissible source.
    pub fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        self.counters.received += 1;
        let considered = match self.consider(now, datagram) {
            Err(ProbeRefusal::Foreign) if is_exchange(datagram.payload) => {
                self.examine(now, datagram)
            }
            considered => considered,
        };
        if let Err(why) = considered {
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
        let matching = self.offers.matching(datagram)?;
        let from = datagram.source;
        policy::answerable(from, &self.book)?;
        let (called, arrived_on) = (datagram.destination, datagram.interface);
        let way = Way { asker: from.ip(), called, arrived_on };
        let offers = self.offers.admitting(matching, &self.book, &way)?;
        let on_link = from.is_ipv6() && self.book.is_on_link(from.ip(), datagram.interface);
        let source = self.sources.host(from, on_link);
        self.rate.take(now, source)?;
        if self.copies.is_some() {
            self.check_copies(now, from, datagram.interface)?;
        }
        let probe = Probe { offers, socket: datagram.socket, from, source, way };
        let is_known = !self.offers.need_listeners(offers) || self.knows_listeners(now, &probe);
        let answered = if is_known { self.choose(now, &probe) } else { self.wait(probe) };
        self.forget_if_refused(from, answered)
    }

    /// Refuses a copy of a probe that arrived by another interface of one link. Kept out of the way
    /// of hosts with one interface.
    #[inline(never)]
    fn check_copies(
        &mut self,
        now: Instant,
        from: SocketAddr,
        arrived_on: Option<u32>,
    ) -> Result<(), ProbeRefusal> {
        let Some(copies) = &mut self.copies else { return Ok(()) };
        // A link-local source on another link is another host.
        let is_one_link = |one, other| from.is_ipv4() || self.book.are_one_link(one, other);
        copies.check(now, self.sources.probe(from), arrived_on, is_one_link)
    }

    /// A copy of what was refused may be answered: it arrived by another way.
    fn forget_if_refused(
        &mut self,
        from: SocketAddr,
        answered: Result<(), ProbeRefusal>,
    ) -> Result<(), ProbeRefusal> {
        if let (Err(_), Some(copies)) = (answered, &mut self.copies) {
            copies.forget(self.sources.probe(from));
        }
        answered
    }

    #[inline(always)]
    fn choose(&mut self, now: Instant, probe: &Probe) -> Result<(), ProbeRefusal> {
        match self.book.choose(probe.way, self.offers.name_ours(probe.offers)) {
            Choice::Answer(chosen) => self.answer(now, probe, &chosen),
            Choice::AskRoute => {
                self.has_room_to_ask()?;
                self.rate.take_route(now)?;
                self.pending.push_back(Pending { probe: *probe, wants: Wants::Route });
                self.events.push_back(ResponderEvent::RouteWanted { asker: probe.way.asker });
                Ok(())
            }
        }
    }

    /// Answers, if that can leave at once; asks about the neighbour if that is not known.
    fn answer(&mut self, now: Instant, probe: &Probe, chosen: &Chosen) -> Result<(), ProbeRefusal> {
        let asker = probe.way.asker;
        if self.book.is_own(asker) {
            return self.send(now, probe, chosen);
        }
        let Some(link) = self.book.link_of(asker, chosen.leave_by) else {
            self.neighbours_mut(probe.from).admit_routed()?;
            return self.send(now, probe, chosen);
        };
        if self.neighbours_mut(probe.from).is_resolved(now, probe.source) {
            return self.send(now, probe, chosen);
        }
        if self.rate.take_neighbour(now).is_err() {
            return self.send_to_neighbour(now, probe, chosen, NeighbourState::Unresolved);
        }
        self.has_room_to_ask()?;
        self.pending
            .push_back(Pending { probe: *probe, wants: Wants::Neighbour(Some(*chosen), link) });
        self.events.push_back(ResponderEvent::NeighbourWanted { asker, interface: link });
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
