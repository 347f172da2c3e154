use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Instant;

use cooee_core::Transmit;
use rand_pcg::Pcg32;

use super::Network;
use crate::sim::event::{Packet, Port, Queue, What};
use crate::sim::host::{Attachment, Host};
use crate::sim::segment::Members;

impl Network {
    pub(super) fn send(&mut self, from: u32, transmit: Transmit) {
        let sender = &mut self.hosts[from as usize];
        if !sender.present {
            return;
        }
        sender.traffic.sent += 1;
        let IpAddr::V4(to) = transmit.destination.ip() else {
            sender.traffic.unroutable += 1;
            return;
        };
        let leaves_by = leaves_by(sender, &transmit, to);
        let source = transmit.source.or(leaves_by.map(|a| a.address().into()));
        let segment = leaves_by.map(|a| a.segment);
        let packet = Rc::new(Packet {
            source: SocketAddr::new(source.unwrap_or(Ipv4Addr::UNSPECIFIED.into()), sender.port),
            destination: transmit.destination,
            payload: transmit.payload,
        });

        let heard_by_all =
            |members: &Members| to.is_broadcast() || to.is_multicast() || to == members.broadcast();
        let mut way = Way { now: self.now, rng: &mut self.rng, queue: &mut self.queue };
        match segment.map(|segment| &self.segments[segment]) {
            Some(members) if heard_by_all(members) => {
                for &port in members.ports().iter().filter(|port| port.host != from) {
                    way.carry(&mut self.hosts[port.host as usize], port, &packet);
                }
            }
            _ => match self.segments.iter().find(|s| s.contains(to)).and_then(|s| s.owner(to)) {
                Some(port) => way.carry(&mut self.hosts[port.host as usize], port, &packet),
                None => self.hosts[from as usize].traffic.unroutable += 1,
            },
        }
    }
}

/// The attachment that a datagram leaves by: as the node says, else that whose network has the
/// destination, else the first.
fn leaves_by<'a>(sender: &'a Host, transmit: &Transmit, to: Ipv4Addr) -> Option<&'a Attachment> {
    let attachments = &sender.attachments;
    let named =
        transmit.interface.and_then(|index| attachments.get((index as usize).checked_sub(1)?));
    named
        .or_else(|| attachments.iter().find(|a| transmit.source == Some(a.address().into())))
        .or_else(|| attachments.iter().find(|a| a.net.contains(&to)))
        .or_else(|| attachments.first())
}

/// What it takes to put a packet on its way.
struct Way<'a> {
    now: Instant,
    rng: &'a mut Pcg32,
    queue: &'a mut Queue,
}

impl Way<'_> {
    fn carry(&mut self, host: &mut Host, to: Port, packet: &Rc<Packet>) {
        if packet.destination.port() != host.port {
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
