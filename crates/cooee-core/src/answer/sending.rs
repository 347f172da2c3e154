//! One answer for each service that a probe asks for.

use std::net::IpAddr;
use std::time::Instant;

use bytes::Bytes;
use tracing::trace;

use super::address::Chosen;
use super::{NeighbourState, Probe, ProbeRefusal, ResponderEngine, ResponderEvent};
use crate::wire::Others;
use crate::{Advertise, ListenerRule, Transmit, limits};

impl ResponderEngine {
    /// Sends a distinct answer for each offer, as many as the source may draw. Fails if there is
    /// none.
    pub(super) fn send(
        &mut self,
        now: Instant,
        probe: &Probe,
        chosen: &Chosen,
    ) -> Result<(), ProbeRefusal> {
        match probe.offers.only() {
            Some(position) if probe.from.is_ipv4() && !self.offers.need_listeners(probe.offers) => {
                let payload = self.offers.reply(position, chosen.ours)?.clone();
                trace!(to = %probe.from, "answered");
                self.counters.answers += 1;
                self.transmits.push_back(transmit(probe, chosen, payload));
            }
            _ => self.send_several(now, probe, chosen)?,
        }
        self.counters.answered += 1;
        Ok(())
    }

    /// The same to a neighbour in this state, if the answers may wait for it.
    pub(super) fn send_to_neighbour(
        &mut self,
        now: Instant,
        probe: &Probe,
        chosen: &Chosen,
        state: NeighbourState,
    ) -> Result<(), ProbeRefusal> {
        self.neighbours_mut(probe.from).admit(now, probe.source, state)?;
        let before = self.transmits.len();
        self.send(now, probe, chosen)?;
        if state == NeighbourState::Unresolved {
            let answers = self.transmits.len() - before;
            self.neighbours_mut(probe.from).note_waiting(answers);
        }
        Ok(())
    }

    fn send_several(
        &mut self,
        now: Instant,
        probe: &Probe,
        chosen: &Chosen,
    ) -> Result<(), ProbeRefusal> {
        let are_many = probe.offers.len() > limits::ANSWERS_A_PROBE;
        let start = if are_many { self.turns.of(probe.source) } else { 0 };
        let (first, mut why) = (self.transmits.len(), ProbeRefusal::NoRoute);
        let mut held_back_from = None;
        for mut offers in probe.offers.split_at(start) {
            while let Some(position) = offers.pop() {
                match self.reply(position, probe, chosen) {
                    Err(refusal) => why = refusal,
                    Ok(payload) if self.transmits.range(first..).any(|t| t.payload == payload) => {}
                    Ok(payload) if held_back_from.is_none() && self.may_send(now, first, probe) => {
                        self.push(probe, chosen, payload);
                    }
                    Ok(_) => {
                        held_back_from.get_or_insert(position);
                        self.counters.held_back += 1;
                    }
                }
            }
        }
        if are_many {
            self.turns.note(probe.source, held_back_from.unwrap_or(0));
        }
        if self.transmits.len() > first { Ok(()) } else { Err(why) }
    }

    /// Whether one more answer may be sent: the first was paid for when the probe was taken.
    fn may_send(&mut self, now: Instant, first: usize, probe: &Probe) -> bool {
        let sent = self.transmits.len() - first;
        sent == 0 || (sent < limits::ANSWERS_A_PROBE && self.rate.take(now, probe.source).is_ok())
    }

    fn push(&mut self, probe: &Probe, chosen: &Chosen, payload: Bytes) {
        trace!(to = %probe.from, "answered");
        self.counters.answers += 1;
        self.transmits.push_back(transmit(probe, chosen, payload));
    }

    /// The answer for an offer.
    fn reply(
        &mut self,
        position: usize,
        probe: &Probe,
        chosen: &Chosen,
    ) -> Result<Bytes, ProbeRefusal> {
        let ours = match self.offers.listens(position) {
            true => Some(self.connectable(position, probe, chosen)?),
            false => chosen.ours,
        };
        if probe.from.is_ipv4() {
            return self.offers.reply(position, ours).cloned();
        }
        let others = self.beside(position, probe, ours);
        self.offers.reply_v6(position, ours, others).cloned()
    }

    /// The IPv4 addresses of the interface that has `ours`, as far as the service can be connected
    /// to there.
    fn beside(&self, position: usize, probe: &Probe, ours: Option<IpAddr>) -> Others {
        let Some(IpAddr::V6(ours)) = ours else { return Others::NONE };
        let beside = self.book.beside(ours, probe.way.arrived_on);
        match self.offers.get(position).filter(|_| self.offers.listens(position)) {
            Some(offer) => {
                let listeners = self.listeners.behind(offer);
                beside
                    .filter(|&other| {
                        listeners.clone().any(|listener| listener.accepts(other.into()))
                    })
                    .collect()
            }
            None => beside.collect(),
        }
    }

    /// An address where the asker finds the service that needs a listener.
    fn connectable(
        &mut self,
        position: usize,
        probe: &Probe,
        chosen: &Chosen,
    ) -> Result<IpAddr, ProbeRefusal> {
        let (offer, fixed) = self.offers.get_with_address(position).ok_or(ProbeRefusal::Busy)?;
        let listeners = self.listeners.behind(offer);
        let is_silent = listeners.clone().next().is_none();
        let accepts = |address| listeners.clone().any(|listener| listener.accepts(address));
        let named = match fixed {
            // Behind a translator of addresses, any listener that the network reaches will do.
            Some(fixed) if offer.advertise != Advertise::Auto && !self.book.is_own(fixed) => {
                listeners.clone().any(|listener| !listener.address.is_loopback()).then_some(fixed)
            }
            Some(fixed) => Some(fixed).filter(|&fixed| accepts(fixed)),
            None => self.book.connectable(probe.way, chosen.ours, accepts),
        };
        // Where the service itself said where it listens, it has only stopped.
        let is_on_port = offer.listener == ListenerRule::OnPort;
        if is_silent && is_on_port && self.offers.is_newly_silent(position) {
            let is_own = self.offers.is_own(position);
            self.events.push_back(ResponderEvent::NotListening { offer: position, is_own });
        }
        named.ok_or(ProbeRefusal::NoListener)
    }
}

#[inline]
fn transmit(probe: &Probe, chosen: &Chosen, payload: Bytes) -> Transmit {
    Transmit {
        socket: probe.socket,
        destination: probe.from,
        source: chosen.from,
        interface: chosen.leave_by,
        payload,
    }
}
