//! What is handed in from the network and the system.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use ipnet::IpNet;

use super::PresenceEngine;
use super::instance::as_announced;
use super::look::Kind;
use super::newcomer::{Newcomer, place};
use crate::interface::{Interface, LinkState};
use crate::wire::Protocol;
use crate::{
    Datagram, DiscoveryEvent, Host, NeighbourRoom, ServerRecord, Target, Transmit, Unsent, limits,
};

impl PresenceEngine {
    /// The least time between two openings, however often interfaces change.
    const BETWEEN_OPENINGS: Duration = Duration::from_secs(1);

    /// For how long a newcomer waits to be told of, with all its addresses, or recognised by one: as long
    /// as answers over both families are apart on a link where link addresses are resolved at once.
    const HELD_FOR: Duration = Duration::from_millis(100);

    /// For how much longer one waits that may be a known server with another address, until its answers or
    /// its announcement name that.
    const PUT_OFF_FOR: Duration = Duration::from_millis(1000);

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
            let server = self.with_name(now, server);
            let has_room = self.roll.len() + self.newcomers.len() < limits::WATCHED_MAX;
            if has_room && !self.roll.knows(&server, self.look.round) {
                self.wait_for_more(now, server);
            } else {
                news |= self.roll.hear(&server, self.look.round);
            }
        }
        self.note(now, news);
    }

    fn wait_for_more(&mut self, now: Instant, server: ServerRecord) {
        match self.newcomers.iter_mut().find(|it| it.is(&server)) {
            Some(waiting) => waiting.server = server,
            None => {
                let due = now + Self::HELD_FOR;
                self.newcomers.push(Newcomer { due, server, is_put_off: false });
            }
        }
    }

    /// Takes the newcomers that have waited long enough, with what is known of them by now.
    pub(super) fn admit(&mut self, now: Instant) {
        if self.newcomers.iter().all(|it| it.due > now) {
            return;
        }
        let (mut news, mut puts_off) = (false, false);
        let (due, wait) =
            std::mem::take(&mut self.newcomers).into_iter().partition(|it| it.due <= now);
        let due: Vec<Newcomer> = due;
        self.newcomers = wait;
        let known = self.known_by_now(&due);
        for (newcomer, server) in due.into_iter().zip(known) {
            if !newcomer.is_put_off && self.roll.may_have_moved(&server, self.look.round) {
                let due = now + Self::PUT_OFF_FOR;
                self.newcomers.push(Newcomer { due, server, is_put_off: true });
                puts_off = true;
            } else {
                news |= self.roll.hear(&server, self.look.round);
            }
        }
        self.note(now, news);
        if puts_off {
            self.look_soon(now, Self::BETWEEN_FAREWELLS);
        }
    }

    /// Takes those that have answered in the current look, which is over.
    pub(super) fn admit_answers(&mut self, now: Instant) {
        let is_over = |it: &Newcomer| !it.is_put_off && it.server.protocol != Protocol::DnsSd;
        self.newcomers.iter_mut().filter(|it| is_over(it)).for_each(|it| it.due = now);
        self.admit(now);
    }

    /// What is known of each of them. Looks through the list once, since a flood makes both of them long.
    fn known_by_now(&self, due: &[Newcomer]) -> Vec<ServerRecord> {
        let mut listed: BTreeMap<_, _> = due.iter().map(|it| (place(&it.server), None)).collect();
        for server in self.look.discovery.servers() {
            if let Some(known) = listed.get_mut(&place(server)) {
                known.get_or_insert(server);
            }
        }
        let known_by_now = |Newcomer { server, .. }: &Newcomer| {
            let listed = listed.get(&place(server)).copied().flatten().unwrap_or(server);
            as_announced(&self.instances, listed).map_or_else(|| server.clone(), Cow::into_owned)
        };
        due.iter().map(known_by_now).collect()
    }

    /// Whether more may be heard of a server that was heard of just now.
    pub(super) fn may_tell_more(&self, server: &ServerRecord) -> bool {
        !self.roll.knows(server, self.look.round) && self.newcomers.iter().any(|it| it.is(server))
    }

    /// Takes note of whether something happened.
    pub(super) fn note(&mut self, now: Instant, news: bool) {
        if news {
            self.pace.quicken(now);
            let soon = self.look.begun + self.pace.pause(now, &mut self.chance);
            self.next_at = self.next_at.min(soon.max(now));
        }
    }

    /// Replaces this host's interfaces and the targets, and looks for servers anew if others can be reached
    /// now: at once, or when the current look has lasted a second.
    ///
    /// Systems tell of much that makes no difference here: a router's advertisements, scans for access
    /// points, interfaces without an address.
    pub fn handle_interfaces(
        &mut self,
        now: Instant,
        interfaces: &[Interface],
        targets: Vec<Target>,
    ) {
        let reaches_the_same =
            targets == self.targets && networks(interfaces) == networks(&self.interfaces);
        if reaches_the_same && interfaces == self.interfaces {
            return;
        }
        self.look.discovery.handle_interfaces(interfaces, targets.clone());
        self.interfaces = interfaces.to_vec();
        self.targets = targets;
        if reaches_the_same {
            return;
        }
        self.pace.quicken(now);
        self.reopens = true;
        self.next_at = (self.look.begun + Self::BETWEEN_OPENINGS).max(now);
    }

    /// Takes an ICMP port-unreachable from `destination`: nothing listens on the port there.
    pub fn handle_refusal(&mut self, now: Instant, destination: SocketAddr) {
        self.look.discovery.handle_refusal(now, destination);
        let gone = self.roll.refuse(destination, self.look.round);
        self.note_departures();
        self.note(now, gone);
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
            // More than there is room for would be an invalid configuration.
            let room = self.config.room_for_targets().min(limits::NAME_ADDRESSES_MAX);
            let spoken: Vec<_> = spoken.take(room).collect();
            let pending = |host: &&mut Host| host.name == name && host.addresses.is_empty();
            if let Some(host) = self.config.hosts.iter_mut().find(pending) {
                host.addresses = spoken;
            }
        }
        self.look.discovery.handle_resolved(now, name, resolved);
    }
}

/// The networks that the interfaces lead to. A link-local IPv6 address alone is on every link that is up,
/// and those that are probed by it are targets.
fn networks(interfaces: &[Interface]) -> BTreeSet<(u32, IpNet)> {
    let up = interfaces.iter().filter(|it| it.state == LinkState::Up);
    let all = up.flat_map(|it| it.addresses.iter().map(|net| (it.index, *net)));
    all.filter(|(_, net)| !matches!(net, IpNet::V6(net) if net.addr().is_unicast_link_local()))
        .collect()
}
