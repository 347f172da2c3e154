//! One answer for each service that a probe asks for.

use std::net::IpAddr;
use std::time::Instant;

use tracing::trace;

use super::address::Chosen;
use super::{Probe, ProbeRefusal, ResponderEngine, ResponderEvent};
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
        let are_many = probe.offers.len() > limits::ANSWERS_A_PROBE;
        let start = if are_many { self.turns.of(probe.source) } else { 0 };
        let (first, mut why) = (self.transmits.len(), ProbeRefusal::NoRoute);
        let mut held_back_from = None;
        for position in probe.offers.iter_from(start) {
            let payload = match self.named(position, probe, chosen) {
                Ok(named) => self.offers.reply(position, named).ok_or(ProbeRefusal::Unnameable),
                Err(refusal) => Err(refusal),
            };
            let payload = match payload {
                Ok(payload) => payload,
                Err(refusal) => {
                    why = refusal;
                    continue;
                }
            };
            if self.transmits.iter().skip(first).any(|sent| sent.payload == payload) {
                continue;
            }
            let sent = self.transmits.len() - first;
            let may_send = held_back_from.is_none()
                && sent < limits::ANSWERS_A_PROBE
                && (sent == 0 || self.rate.take(now, probe.source).is_ok());
            if !may_send {
                held_back_from.get_or_insert(position);
                self.counters.held_back += 1;
                continue;
            }
            trace!(to = %probe.from, offer = position, "answered");
            self.counters.answers += 1;
            self.transmits.push_back(Transmit {
                socket: probe.socket,
                destination: probe.from,
                source: chosen.from,
                interface: chosen.leave_by,
                payload,
            });
        }
        if are_many {
            self.turns.note(probe.source, held_back_from.unwrap_or(0));
        }
        if self.transmits.len() == first {
            return Err(why);
        }
        self.counters.answered += 1;
        Ok(())
    }

    /// The address that the answer for an offer names: one where the asker finds the service.
    fn named(
        &mut self,
        position: usize,
        probe: &Probe,
        chosen: &Chosen,
    ) -> Result<IpAddr, ProbeRefusal> {
        let fixed = self.offers.fixed(position);
        let Some(offer) = self.offers.get(position) else { return Err(ProbeRefusal::Busy) };
        if offer.listener == ListenerRule::NotRequired {
            return fixed.or(chosen.ours).ok_or(ProbeRefusal::NoRoute);
        }
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
