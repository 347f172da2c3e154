//! What is handed in from the network and the system.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::PresenceEngine;
use super::look::Kind;
use crate::interface::Interface;
use crate::{
    Datagram, DiscoveryEvent, Host, NeighbourRoom, ServerRecord, Target, Transmit, Unsent, limits,
};

impl PresenceEngine {
    /// The least time between two openings, however often interfaces change.
    const BETWEEN_OPENINGS: Duration = Duration::from_secs(1);

    /// For how long a newcomer waits to be recognised: as long as its answers over both families are
    /// apart on a link where link addresses are resolved at once.
    const HELD_FOR: Duration = Duration::from_millis(100);

    /// Takes one datagram: an answer, or one to be refused.
    pub fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        if !self.has_stopped {
            self.look.discovery.handle_datagram(now, datagram);
            self.take_events(now);
        }
    }

    /// Takes what the look has found.
    pub(super) fn take_events(&mut self, now: Instant) {
        let mut news = false;
        while let Some(event) = self.look.discovery.poll_event() {
            let DiscoveryEvent::Found(server) = event else { continue };
            let has_room = self.newcomers.len() < limits::WATCHED_MAX;
            if has_room && self.roll.may_have_moved(&server, self.look.round) {
                self.newcomers.push_back((now + Self::HELD_FOR, server));
            } else {
                news |= self.roll.hear(&server, self.look.round);
            }
        }
        self.note(now, news);
    }

    /// Takes the newcomers that have waited long enough, with what is known of them by now.
    pub(super) fn admit(&mut self, now: Instant) {
        let mut news = false;
        while self.newcomers.front().is_some_and(|(due, _)| *due <= now) {
            let Some((_, server)) = self.newcomers.pop_front() else { break };
            let place = |it: &ServerRecord| (it.ip, it.port, it.interface);
            let mut servers = self.look.discovery.servers().iter();
            let now_known = servers.find(|it| place(it) == place(&server)).unwrap_or(&server);
            news |= self.roll.hear(now_known, self.look.round);
        }
        self.note(now, news);
    }

    /// Takes note of whether something happened.
    fn note(&mut self, now: Instant, news: bool) {
        if news {
            self.pace.quicken(now);
            let soon = self.look.begun + self.pace.pause(now, &mut self.chance);
            self.next_at = self.next_at.min(soon.max(now));
        }
    }

    /// Replaces this host's interfaces and the targets, and looks for servers anew: at once, or when
    /// the current look has lasted a second.
    pub fn handle_interfaces(
        &mut self,
        now: Instant,
        interfaces: &[Interface],
        targets: Vec<Target>,
    ) {
        self.look.discovery.handle_interfaces(interfaces, targets.clone());
        self.interfaces = interfaces.to_vec();
        self.targets = targets;
        self.pace.quicken(now);
        self.reopens = true;
        self.next_at = (self.look.begun + Self::BETWEEN_OPENINGS).max(now);
    }

    /// Takes an ICMP port-unreachable from `destination`: nothing listens on the port there.
    pub fn handle_refusal(&mut self, now: Instant, destination: SocketAddr) {
        self.look.discovery.handle_refusal(now, destination);
        self.roll.refuse(destination, self.look.round);
    }

    /// Takes back a probe that was not sent. Returns whether it will be sent again.
    pub fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: Unsent) -> bool {
        if why == Unsent::NoRoom {
            self.roll.uncall(transmit.destination);
        }
        self.look.discovery.handle_unsent(now, transmit, why)
    }

    /// Takes the number of datagrams that the kernel has dropped since the sockets were opened. In a
    /// round in which it drops some, nobody is missed.
    pub fn handle_drops(&mut self, total: u64) {
        self.kernel_drops = self.kernel_drops.max(total);
        self.look.discovery.handle_drops(total);
    }

    /// As [`DiscoveryEngine::wants_neighbours`](crate::DiscoveryEngine::wants_neighbours).
    pub fn wants_neighbours(&self, now: Instant) -> bool {
        self.look.discovery.wants_neighbours(now)
    }

    /// As [`DiscoveryEngine::handle_neighbours`](crate::DiscoveryEngine::handle_neighbours).
    pub fn handle_neighbours(&mut self, now: Instant, room: NeighbourRoom) {
        self.look.discovery.handle_neighbours(now, room);
    }

    /// The indices of the interfaces whose resolved neighbours are wanted by
    /// [`handle_resolved_neighbours`](Self::handle_resolved_neighbours).
    pub fn wants_resolved_neighbours(&self, now: Instant) -> Option<Vec<u32>> {
        self.look.discovery.wants_resolved_neighbours(now)
    }

    /// Takes the neighbours that the system has resolved, each with the index of its interface.
    ///
    /// Those that turn up are probed directly in two rounds, those that were there before only as a
    /// discovery does it, when servers are looked for anew.
    pub fn handle_resolved_neighbours(&mut self, resolved: &[(IpAddr, u32)]) {
        let told = match self.look.kind {
            Kind::Opening => {
                self.acquainted.know(resolved);
                resolved.to_vec()
            }
            Kind::Round => self.acquainted.meet(resolved),
        };
        self.look.discovery.handle_resolved_neighbours(&told);
    }

    /// Takes the addresses of a configured host that had none, or why it has none, as
    /// [`DiscoveryEngine::handle_resolved`](crate::DiscoveryEngine::handle_resolved) does.
    pub fn handle_resolved(
        &mut self,
        now: Instant,
        name: &str,
        resolved: Result<Vec<SocketAddr>, String>,
    ) {
        if let Ok(addresses) = &resolved {
            let spoken = addresses.iter().filter(|it| self.config.speaks((**it).into())).copied();
            let spoken: Vec<_> = spoken.take(limits::NAME_ADDRESSES_MAX).collect();
            let pending = |host: &&mut Host| host.name == name && host.addresses.is_empty();
            if let Some(host) = self.config.hosts.iter_mut().find(pending) {
                host.addresses = spoken;
            }
        }
        self.look.discovery.handle_resolved(now, name, resolved);
    }
}
