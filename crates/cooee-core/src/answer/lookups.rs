//! What the engine has to ask its driver before it can answer, and the replies.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use super::listeners::ListeningSocket;
use super::neighbours::NeighbourState;
use super::offers::OfferSet;
use super::{Pending, Probe, ProbeRefusal, ResponderEngine, ResponderEvent, Wants, policy};
use crate::limits;

impl ResponderEngine {
    /// Whether it is known what listens where the offers need it. If not, asks.
    pub(super) fn knows_listeners(&mut self, now: Instant, probe: &Probe) -> bool {
        let ports = self.offers.ports_listened_on(probe.offers);
        let mut is_known = true;
        for port in ports.filter(|&port| self.listeners.is_due(now, port)) {
            is_known = false;
            let event = ResponderEvent::ListenersWanted { port };
            if !self.events.contains(&event) {
                self.events.push_back(event);
            }
        }
        is_known
    }

    /// Lets a probe wait until it is known what listens.
    pub(super) fn wait(&mut self, probe: Probe) -> Result<(), ProbeRefusal> {
        self.has_room_to_ask()?;
        self.pending.push_back(Pending { probe, wants: Wants::Listeners });
        Ok(())
    }

    fn awaits_listeners(&self, now: Instant, offers: OfferSet) -> bool {
        self.offers.ports_listened_on(offers).any(|port| self.listeners.is_due(now, port))
    }

    /// Replies to [`ResponderEvent::ListenersWanted`]: the TCP sockets that listen on `port`, or
    /// `None` if that cannot be found.
    pub fn handle_listeners(
        &mut self,
        now: Instant,
        port: u16,
        sockets: Option<&[ListeningSocket]>,
    ) {
        self.listeners.note(now, port, sockets);
        let mut waiting = VecDeque::new();
        while let Some(pending) = self.take_pending(|p| p.wants == Wants::Listeners) {
            let probe = pending.probe;
            if self.awaits_listeners(now, probe.offers) {
                waiting.push_back(pending);
                continue;
            }
            let answered =
                policy::answerable(probe.from, &self.book).and_then(|()| self.choose(now, &probe));
            self.count_refused(probe.from, answered);
        }
        self.pending.append(&mut waiting);
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
                let chosen = chosen.unwrap_or_else(|| self.book.without_ours(probe.way));
                self.answer(now, &probe, &chosen)
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
                .and_then(|chosen| self.send_to_neighbour(now, &probe, &chosen, state));
            self.count_refused(probe.from, answered);
        }
    }

    fn take_pending(&mut self, is_it: impl Fn(&Pending) -> bool) -> Option<Pending> {
        let index = self.pending.iter().position(is_it)?;
        self.pending.remove(index)
    }

    pub(super) fn count_refused(&mut self, from: SocketAddr, answered: Result<(), ProbeRefusal>) {
        if let Err(why) = self.forget_if_refused(from, answered) {
            self.counters.count(why);
        }
    }

    pub(super) fn has_room_to_ask(&self) -> Result<(), ProbeRefusal> {
        if self.pending.len() < limits::ROUTES_PENDING { Ok(()) } else { Err(ProbeRefusal::Busy) }
    }
}
