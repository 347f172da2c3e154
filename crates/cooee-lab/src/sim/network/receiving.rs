use std::net::{SocketAddr, SocketAddrV6};
use std::rc::Rc;
use std::time::Duration;

use cooee_core::Datagram;

use super::Network;
use crate::sim::event::{Packet, Port, What};
use crate::sim::link::Buffer;

impl Network {
    pub(super) fn arrive(&mut self, to: Port, packet: Rc<Packet>) {
        let host = &mut self.hosts[to.host as usize];
        if !host.present {
            return;
        }
        let attachment = &mut host.attachments[to.attachment as usize];
        let Some(buffer) = attachment.link.receive_buffer else {
            return self.deliver(to, &packet);
        };
        if attachment.inbox.is_full(buffer) {
            host.traffic.overflowed += 1;
        } else if let Some(at) = attachment.inbox.push(packet, host.traffic.overflowed, self.now) {
            self.queue.push(at, What::Drain { at: to });
        }
    }

    pub(super) fn take_buffered(&mut self, at: Port) {
        let host = &mut self.hosts[at.host as usize];
        let attachment = &mut host.attachments[at.attachment as usize];
        let pace = attachment.link.receive_buffer.map_or(Duration::ZERO, Buffer::pace);
        let ready_at = self.now + pace;
        let Some((packet, drops)) = attachment.inbox.pop(ready_at) else { return };
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
        self.deliver(at, &packet);
    }

    fn deliver(&mut self, to: Port, packet: &Packet) {
        let host = &mut self.hosts[to.host as usize];
        host.traffic.received += 1;
        let interface = to.attachment + 1;
        let datagram = Datagram {
            source: as_seen_on(interface, packet.source),
            destination: Some(packet.destination.ip()),
            interface: Some(interface),
            payload: &packet.payload,
        };
        host.node.handle_datagram(self.now, &datagram);
        self.drain(to.host);
    }

    pub(super) fn wake(&mut self, index: u32) {
        let host = &mut self.hosts[index as usize];
        host.timer.queued = None;
        if host.present && host.node.poll_timeout().is_some_and(|at| at <= self.now) {
            assert!(host.timer.fired(self.now), "host {index} wakes for ever at one instant");
            host.node.handle_timeout(self.now);
        }
        self.drain(index);
    }

    pub(super) fn drain(&mut self, index: u32) {
        loop {
            self.tell_neighbours(index);
            let Some(transmit) = self.hosts[index as usize].node.poll_transmit() else { break };
            self.send_or_delay(index, transmit);
        }
        let host = &mut self.hosts[index as usize];
        let Some(at) = host.node.poll_timeout().filter(|_| host.present) else { return };
        let at = at.max(self.now);
        if host.timer.queued.is_none_or(|queued| at < queued) {
            host.timer.queued = Some(at);
            self.queue.push(at, What::Wake { host: index });
        }
    }

    fn tell_neighbours(&mut self, index: u32) {
        while let Some((address, by)) = self.hosts[index as usize].node.wants_neighbour() {
            let resolved = self.knows(index, address, by);
            self.hosts[index as usize].node.handle_neighbour(self.now, address, resolved);
        }
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
