//! What a discovery is told of the system's neighbours.

use std::time::Instant;

use cooee_core::{DiscoveryEngine, NeighbourRoom};
use cooee_udp::Neighbours;

/// Asks the system when the engine wants to know.
#[derive(Default)]
pub(super) struct Neighbourhood {
    table: Table,
}

#[derive(Default)]
enum Table {
    #[default]
    Unopened,
    Open(Neighbours),
    /// It cannot be opened.
    Unknown,
}

impl Neighbourhood {
    /// Tells the engine what it wants to know at `now`, as far as the system tells.
    pub(super) fn tell(&mut self, engine: &mut DiscoveryEngine, now: Instant) {
        if engine.wants_neighbours(now)
            && let Some(room) = self.open().and_then(Neighbours::room)
        {
            let (waiting, free) = (room.waiting, room.free);
            engine.handle_neighbours(now, NeighbourRoom { waiting, free });
        }
        if let Some(interfaces) = engine.wants_resolved_neighbours(now)
            && let Some(table) = self.open()
        {
            engine.handle_resolved_neighbours(&table.resolved(&interfaces));
        }
    }

    fn open(&mut self) -> Option<&mut Neighbours> {
        if let Table::Unopened = self.table {
            let opened = Neighbours::new()
                .inspect_err(|error| tracing::debug!(%error, "neighbours are not listed"));
            self.table = opened.map_or(Table::Unknown, Table::Open);
        }
        match &mut self.table {
            Table::Open(table) => Some(table),
            Table::Unopened | Table::Unknown => None,
        }
    }
}
