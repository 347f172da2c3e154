//! The answering side: what to answer, to whom, from which address, how often.

mod address;
mod counters;
mod policy;
mod rate;

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::time::Instant;

use bytes::Bytes;

use crate::interface::Interface;
use crate::wire::classic::ProbeMatch;
use crate::{Advertise, ConfigError, Datagram, ResponderConfig, Transmit, limits};
use address::{AddressBook, Choice};
pub use counters::{Counters, ProbeRefusal};
use rate::RateLimiter;

/// The answering side of the protocol.
///
/// Driven as the [crate's contract](crate) says. It sets no timers.
#[derive(Debug)]
pub struct Responder {
    config: ResponderConfig,
    book: AddressBook,
    rate: RateLimiter,
    counters: Counters,
    transmits: VecDeque<Transmit>,
    wanted: VecDeque<Ipv4Addr>,
    pending: VecDeque<Pending>,
}

/// What a [`Responder`] asks of its driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponderEvent {
    /// The asker is on none of our networks: which local address would a datagram to it leave
    /// from? Reply with [`Responder::handle_route`].
    RouteWanted {
        /// Who asked.
        asker: Ipv4Addr,
    },
}

/// An answer that waits for a route.
#[derive(Debug)]
struct Pending {
    asker: SocketAddrV4,
}

impl Responder {
    /// A responder that answers as `config` says, from the addresses of `interfaces`.
    ///
    /// `seed` keeps others from knowing which sources share a slot of the rate limiter; take it
    /// from the system's randomness. `now` is the start of its time.
    ///
    /// # Errors
    /// What in `config` cannot work.
    pub fn new(
        config: ResponderConfig,
        interfaces: &[Interface],
        seed: u64,
        now: Instant,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self {
            book: AddressBook::new(&config, interfaces),
            rate: RateLimiter::new(config.rate_limit, seed, now),
            counters: Counters::default(),
            transmits: VecDeque::new(),
            wanted: VecDeque::new(),
            pending: VecDeque::new(),
            config,
        })
    }

    /// Takes note of the host's interfaces as they are now; later answers use them.
    pub fn handle_interfaces(&mut self, interfaces: &[Interface]) {
        self.book = AddressBook::new(&self.config, interfaces);
    }

    /// Takes one datagram, and answers it if it is a probe from somebody who is to be answered.
    pub fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        self.counters.received += 1;
        if let Err(refusal) = self.consider(now, datagram) {
            self.counters.count(refusal);
        }
    }

    fn consider(&mut self, now: Instant, datagram: &Datagram<'_>) -> Result<(), ProbeRefusal> {
        match self.config.classic.match_probe(datagram.payload) {
            ProbeMatch::Exact => {}
            other => return Err(ProbeRefusal::from(other)),
        }
        let asker = policy::answerable(datagram.source, &self.book)?;
        policy::admit(&self.config, &self.book, *asker.ip(), datagram.interface)?;
        self.rate.take(now, *asker.ip())?;

        let called = match datagram.destination {
            Some(IpAddr::V4(called)) => Some(called),
            _ => None,
        };
        let choice = match self.config.advertise {
            Advertise::Auto => self.book.choose(*asker.ip(), called, datagram.interface),
            Advertise::Address(_) => self.book.fixed(*asker.ip(), called, datagram.interface),
        };
        match choice {
            Choice::Answer(answer) => {
                self.answer(answer.payload, asker, answer.from, answer.leave_by);
                Ok(())
            }
            Choice::AskRoute if self.pending.len() < limits::ROUTES_PENDING => {
                self.rate.take_route(now)?;
                self.pending.push_back(Pending { asker });
                self.wanted.push_back(*asker.ip());
                Ok(())
            }
            Choice::AskRoute => Err(ProbeRefusal::Busy),
        }
    }

    /// Takes the local address from which a datagram to `asker` would leave, as a
    /// [`ResponderEvent::RouteWanted`] asked; `None` if there is no route.
    pub fn handle_route(&mut self, asker: Ipv4Addr, route: Option<Ipv4Addr>) {
        let usable = route.filter(|address| !address.is_unspecified());
        while let Some(index) = self.pending.iter().position(|p| *p.asker.ip() == asker) {
            let Some(pending) = self.pending.remove(index) else { break };
            // Meanwhile the interfaces may have changed, and the asker be everybody.
            let answerable = policy::answerable(pending.asker.into(), &self.book);
            match answerable.and(usable.ok_or(ProbeRefusal::NoRoute)) {
                Ok(address) => {
                    let payload = self.book.payload(address);
                    self.answer(payload, pending.asker, Some(address), None);
                }
                Err(refusal) => self.counters.count(refusal),
            }
        }
    }

    fn answer(
        &mut self,
        payload: Bytes,
        to: SocketAddrV4,
        from: Option<Ipv4Addr>,
        leave_by: Option<u32>,
    ) {
        self.counters.answered += 1;
        self.transmits.push_back(Transmit {
            destination: to.into(),
            source: from.map(IpAddr::V4),
            interface: leave_by,
            payload,
        });
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next thing to find out.
    pub fn poll_event(&mut self) -> Option<ResponderEvent> {
        self.wanted.pop_front().map(|asker| ResponderEvent::RouteWanted { asker })
    }

    /// What was received, answered and refused so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}

#[cfg(test)]
mod tests;
