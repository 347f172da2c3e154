//! What the engine makes of the system's neighbour tables.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use tracing::trace;

use super::DiscoveryEngine;
use super::rung::{NeighbourRoom, Rung};
use super::via::Via;
use crate::wire::Family;

impl DiscoveryEngine {
    /// Whether [`handle_neighbours`](Self::handle_neighbours) is due, on systems that report their
    /// neighbour table.
    pub fn wants_neighbours(&self, now: Instant) -> bool {
        self.ended.is_none() && self.rungs.iter().any(|rung| rung.plan.wants_neighbours(now))
    }

    /// Takes the room in the system's neighbour table, which bounds the pace of a sweep.
    pub fn handle_neighbours(&mut self, now: Instant, room: NeighbourRoom) {
        self.rungs.iter_mut().for_each(|rung| rung.plan.handle_neighbours(now, room));
    }

    /// The indices of the interfaces whose resolved neighbours are wanted by
    /// [`handle_resolved_neighbours`](Self::handle_resolved_neighbours): before the first
    /// [`handle_timeout`](Self::handle_timeout), and whenever that is due after a round.
    pub fn wants_resolved_neighbours(&self, now: Instant) -> Option<Vec<u32>> {
        let mut rungs = self.rungs.iter().filter(|_| self.ended.is_none());
        rungs.find_map(|rung| rung.plan.wants_resolved(now))
    }

    /// Takes the neighbours that the system has resolved, each with the index of its interface.
    ///
    /// Those that have not answered a broadcast are probed directly, within the bounds of
    /// [`crate::limits`]: a firewall may have dropped their answers. What is listed before the
    /// first round was there before it, and is probed only while nobody answers.
    pub fn handle_resolved_neighbours(&mut self, resolved: &[(IpAddr, u32)]) {
        if self.ended.is_some() {
            return;
        }
        let servers = self.servers.as_slice();
        let is_called_by_name = |address: IpAddr| {
            let source = SocketAddr::new(address, self.config.port);
            let named = self.rungs.iter().take_while(|rung| rung.via != Via::Neighbour);
            named.into_iter().any(|rung: &Rung| rung.plan.round_of(source).is_some())
        };
        let others: Vec<_> = resolved
            .iter()
            .copied()
            .filter(|(address, _)| self.config.speaks(Family::of(*address)))
            .filter(|(address, _)| !is_called_by_name(*address))
            .collect();
        // A server that was called by name or from memory is listed as such, whatever else it answers.
        let anybody_answers = servers.iter().any(|server| {
            let is_on_link = || self.own.nets.iter().any(|net| net.contains(&server.source.ip()));
            let is_heard = !matches!(server.via, Via::Neighbour | Via::Mdns);
            is_heard && !server.this_host && is_on_link()
        });
        trace!(listed = resolved.len(), others = others.len(), "resolved neighbours");
        for rung in &mut self.rungs {
            rung.plan.handle_resolved(&others, !anybody_answers);
        }
    }
}
