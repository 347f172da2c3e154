//! What a discovery is told of the system's neighbours.

use std::net::IpAddr;
use std::time::Instant;

use cooee_core::NeighbourRoom;
use cooee_core::interface::Interface;
use cooee_udp::Neighbours;

use super::machine::Machine;

/// Asks the system when the engine wants to know.
pub(super) struct Neighbourhood {
    /// None if it cannot be opened.
    table: Option<Neighbours>,
    /// Who was resolved at the beginning, until the engine has been told.
    before: Option<Vec<(IpAddr, u32)>>,
}

impl Neighbourhood {
    /// Lists who is resolved on these interfaces before the first probe.
    pub(super) fn begin(interfaces: &[Interface]) -> Self {
        let table = Neighbours::new()
            .inspect_err(|error| tracing::debug!(%error, "neighbours are not listed"))
            .ok();
        let mut begun = Self { table, before: None };
        begun.before = Some(begun.resolved_on(interfaces));
        begun
    }

    /// Who was resolved at the beginning.
    pub(super) fn before(&self) -> &[(IpAddr, u32)] {
        self.before.as_deref().unwrap_or_default()
    }

    /// Who is resolved on these interfaces now.
    pub(super) fn resolved_on(&mut self, interfaces: &[Interface]) -> Vec<(IpAddr, u32)> {
        let all: Vec<u32> = interfaces.iter().map(|interface| interface.index).collect();
        self.table.as_mut().map(|table| table.resolved(&all)).unwrap_or_default()
    }

    /// Tells the engine what it wants to know at `now`, as far as the system tells.
    pub(super) fn tell(&mut self, engine: &mut impl Machine, now: Instant) {
        if engine.wants_neighbours(now)
            && let Some(room) = self.table.as_mut().and_then(Neighbours::room)
        {
            let (waiting, free) = (room.waiting, room.free);
            engine.handle_neighbours(now, NeighbourRoom { waiting, free });
        }
        if let Some(interfaces) = engine.wants_resolved_neighbours(now)
            && let Some(table) = &mut self.table
        {
            // Nothing has been sent since the beginning when it asks for the first time.
            let resolved = match self.before.take() {
                Some(mut before) => {
                    before.retain(|(_, interface)| interfaces.contains(interface));
                    before
                }
                None => table.resolved(&interfaces),
            };
            engine.handle_resolved_neighbours(&resolved);
        }
    }
}
