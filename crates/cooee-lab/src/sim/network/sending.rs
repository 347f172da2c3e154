use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Instant;

use cooee_core::Transmit;
use rand_pcg::Pcg32;

use super::Network;
use crate::sim::chance::within;
use crate::sim::event::{Queue, What};
use crate::sim::host::Host;
use crate::sim::packet::Packet;
use crate::sim::port::Port;
use crate::sim::prefix::is_link_local;

impl Network {
    /// Sends what a node has to send, now or as late as its host does.
    pub(super) fn send_or_delay(&mut self, from: u32, transmit: Transmit) {
        match &self.hosts[from as usize].outgoing.delay {
            None => self.send(from, transmit),
            Some(by) => {
                let at = self.now + within(by, &mut self.rng);
                self.queue.push(at, What::Leave { host: from, transmit: Box::new(transmit) });
            }
        }
    }

    pub(super) fn send(&mut self, from: u32, transmit: Transmit) {
        let sender = &mut self.hosts[from as usize];
        if !sender.present {
            return;
        }
        let socket = sender.node.socket_for(&transmit);
        let waiting = sender.sockets.waiting(socket);
        if sender.outgoing.bound.is_some_and(|bound| waiting >= bound) {
            sender.traffic.unsent += 1;
            sender.node.handle_unsent(self.now, transmit);
            return;
        }
        sender.traffic.sent += 1;
        let to = transmit.destination.ip();
        let Some((attachment, own)) = leaves_by(sender, &transmit) else {
            sender.traffic.unroutable += 1;
            return;
        };
        let leaves = &sender.attachments[attachment as usize];
        let (segment, is_on_link) = (leaves.segment, leaves.is_on_link(to));
        let packet = Rc::new(Packet {
            source: SocketAddr::new(transmit.source.unwrap_or(own), sender.sockets.port(socket)),
            destination: transmit.destination,
            payload: transmit.payload,
        });

        if let Some(firewall) = &mut self.hosts[from as usize].firewall {
            firewall.note(&packet);
        }
        let wire = self.segments[segment].wire;
        let mut segments = self.segments.iter();
        if self.segments[segment].hears(to) {
            let mut way = Way { now: self.now, rng: &mut self.rng, queue: &mut self.queue };
            for members in segments.filter(|s| s.wire == wire && s.hears(to)) {
                for &port in members.ports().iter().filter(|port| port.host != from) {
                    way.carry(&mut self.hosts[port.host as usize], port, &packet);
                }
            }
            return;
        }
        let owner = if is_on_link {
            segments.filter(|s| s.wire == wire).find_map(|s| s.owner(to))
        } else {
            segments.find(|s| s.contains(to)).and_then(|s| s.owner(to))
        };
        let is_self = owner.is_some_and(|owner| owner.host == from);
        if let Some(arp) = self.arp.filter(|_| is_on_link && !is_self) {
            return self.send_resolved(arp, Port { host: from, attachment }, to, &packet);
        }
        match owner {
            Some(port) => self.carry(port, &packet),
            None => self.hosts[from as usize].traffic.unroutable += 1,
        }
    }

    /// Puts a packet on its way to one host.
    pub(super) fn carry(&mut self, to: Port, packet: &Rc<Packet>) {
        let mut way = Way { now: self.now, rng: &mut self.rng, queue: &mut self.queue };
        way.carry(&mut self.hosts[to.host as usize], to, packet);
    }
}

/// The attachment that a datagram leaves by, and the host's own address there: as the node says,
/// else that whose network has the destination, else the first. `None` where there is none of the
/// destination's family, or no telling which one a link-local address belongs to.
fn leaves_by(sender: &Host, transmit: &Transmit) -> Option<(u32, IpAddr)> {
    let to = transmit.destination.ip();
    let scope = match transmit.destination {
        SocketAddr::V6(to) if to.scope_id() != 0 => Some(to.scope_id()),
        _ => None,
    };
    let named = transmit.interface.or(scope).and_then(|index| index.checked_sub(1));
    if named.is_none() && is_link_local(to) {
        return None;
    }
    let attachments = || (0..).zip(&sender.attachments);
    let (index, attachment) = named
        .and_then(|named| attachments().nth(named as usize))
        .or_else(|| attachments().find(|(_, a)| transmit.source.is_some_and(|own| a.owns(own))))
        .or_else(|| attachments().find(|(_, a)| a.is_on_link(to)))
        .or_else(|| attachments().find(|(_, a)| a.source_for(to).is_some()))?;
    Some((index, attachment.source_for(to)?))
}

/// What it takes to put a packet on its way.
struct Way<'a> {
    now: Instant,
    rng: &'a mut Pcg32,
    queue: &'a mut Queue,
}

impl Way<'_> {
    fn carry(&mut self, host: &mut Host, to: Port, packet: &Rc<Packet>) {
        if host.sockets.at(packet.destination).is_none() {
            host.traffic.refused += 1;
            return;
        }
        let mut arrives = false;
        for at in host.attachments[to.attachment as usize].carry(self.now, self.rng) {
            arrives = true;
            self.queue.push(at, What::Arrival { to, packet: Rc::clone(packet) });
        }
        host.traffic.lost += u64::from(!arrives);
    }
}
