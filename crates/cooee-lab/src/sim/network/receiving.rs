use std::net::{SocketAddr, SocketAddrV6};
use std::rc::Rc;
use std::time::{Duration, Instant};

use cooee_core::Datagram;

use super::Network;
use crate::sim::driver::Held;
use crate::sim::event::What;
use crate::sim::inbox::Waiting;
use crate::sim::link::Buffer;
use crate::sim::packet::Packet;
use crate::sim::port::Port;

impl Network {
    pub(super) fn arrive(&mut self, to: Port, packet: Rc<Packet>) {
        let host = &mut self.hosts[to.host as usize];
        if !host.present {
            return;
        }
        if host.firewall.as_ref().is_some_and(|firewall| !firewall.lets_in(&packet)) {
            host.traffic.filtered += 1;
            return;
        }
        let attachment = &mut host.attachments[to.attachment as usize];
        let Some(buffer) = attachment.receive_buffer() else {
            if let Some(driver) = host.driver.as_mut().filter(|d| d.busy_until().is_some()) {
                return driver.hold(Held { to, packet, arrived: self.now });
            }
            return self.deliver(to, &packet, self.now);
        };
        if attachment.inbox.is_full(buffer) {
            host.traffic.overflowed += 1;
        } else if let Some(at) = attachment.inbox.push(packet, host.traffic.overflowed, self.now) {
            self.queue.push(at, What::Drain { at: to });
        }
    }

    pub(super) fn take_buffered(&mut self, at: Port) {
        let host = &mut self.hosts[at.host as usize];
        if let Some(until) = host.driver.as_ref().and_then(|driver| driver.busy_until()) {
            return self.queue.push(until.max(self.now), What::Drain { at });
        }
        let attachment = &mut host.attachments[at.attachment as usize];
        let pace = attachment.receive_buffer().map_or(Duration::ZERO, Buffer::pace);
        let ready_at = self.now + pace;
        let Some(Waiting { packet, drops, arrived }) = attachment.inbox.pop(ready_at) else {
            return;
        };
        if let Some(driver) = &mut host.driver {
            driver.took_buffered();
        }
        if !attachment.inbox.is_empty() {
            self.queue.push(ready_at, What::Drain { at });
        }
        if !host.present {
            return;
        }
        if drops > host.drops_told {
            host.drops_told = drops;
            host.node.handle_drops(drops);
            self.drain(at.host);
        }
        self.deliver(at, &packet, arrived);
    }

    /// Hands a datagram to a node, now or some time after it arrived.
    pub(super) fn deliver(&mut self, to: Port, packet: &Packet, arrived: Instant) {
        let host = &mut self.hosts[to.host as usize];
        let waited = arrived < self.now;
        host.traffic.received += 1;
        host.traffic.waited += u64::from(waited);
        let interface = to.attachment + 1;
        let datagram = Datagram {
            destination: Some(packet.destination.ip()),
            interface: Some(interface),
            waited,
            ..Datagram::new(as_seen_on(interface, packet.source), &packet.payload)
        };
        host.node.handle_datagram(self.now, &datagram);
        self.drain(to.host);
    }
}

/// The source as a host sees it that gets a datagram on this interface.
fn as_seen_on(interface: u32, source: SocketAddr) -> SocketAddr {
    match source {
        SocketAddr::V6(source) if source.ip().is_unicast_link_local() => {
            SocketAddrV6::new(*source.ip(), source.port(), 0, interface).into()
        }
        _ => source,
    }
}
