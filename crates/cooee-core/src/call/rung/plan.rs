use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::swept::Swept;
use super::waiting::NeighbourRoom;
use crate::call::probes::Outbox;
use crate::interface::Interface;
use crate::{Target, Transmit, Unsent};

/// Which addresses a rung probes, and when.
pub(in crate::call) trait Plan: fmt::Debug + Send {
    /// When there is something to do next; `None` if never.
    fn next_at(&self) -> Option<Instant>;

    /// Probes the addresses that are due at `now`. Says whether that began a round, or ended a pass.
    fn advance(&mut self, now: Instant, out: &mut Outbox<'_>) -> bool;

    /// The rounds that have begun, for plans that have rounds.
    fn rounds(&self) -> u32;

    /// The rounds in which every address was probed.
    fn completed(&self) -> u32;

    /// Of those, the ones whose answers had `window` to arrive before `now`.
    fn heard_out(&self, now: Instant, window: Duration) -> u32;

    /// Whether its completed rounds are enough where `needed` rounds would be.
    fn is_enough(&self, needed: u32) -> bool {
        self.completed() >= needed
    }

    /// Whether it is in the middle of what it does only once.
    fn is_under_way(&self) -> bool {
        false
    }

    /// Whether it calls everybody on a link.
    fn is_broadcast(&self) -> bool {
        false
    }

    /// In how many of its rounds it called everybody twice, by two addresses.
    fn doubled_rounds(&self) -> u32 {
        0
    }

    /// Whether it calls anybody, or has.
    fn is_in_use(&self) -> bool;

    /// The round in which it last called `source`; `None` if it has not.
    fn round_of(&self, source: SocketAddr) -> Option<u32>;

    /// Visits the instants at which it called `source`.
    fn each_call(&self, source: SocketAddr, visit: &mut dyn FnMut(Instant));

    /// The most answers that its own calls to `source` can have drawn; `None` for any number.
    fn most_answers(&self, _source: SocketAddr) -> Option<u32> {
        None
    }

    /// Takes note that `source` answered, which it has not before for the same server.
    fn hear(&mut self, _source: SocketAddr) {}

    /// Takes note of this host's interfaces as they are now.
    fn relocate(&mut self, _interfaces: &[Interface]) {}

    /// Calls others from the next round on, if it calls interfaces.
    fn retarget(&mut self, _targets: &[Target]) {}

    /// Takes back a probe that was not sent. Says whether this plan sends it again.
    fn handle_unsent(&mut self, _now: Instant, _transmit: &Transmit, _why: Unsent) -> bool {
        false
    }

    /// Whether it needs to know how many more neighbours the system can look for.
    fn wants_neighbours(&self, _now: Instant) -> bool {
        false
    }

    /// Takes how many more neighbours the system can look for.
    fn handle_neighbours(&mut self, _now: Instant, _room: NeighbourRoom) {}

    /// The interfaces whose resolved neighbours it needs to know at `now`.
    fn wants_resolved(&self, _now: Instant) -> Option<Vec<u32>> {
        None
    }

    /// How many servers there probably are among those that it would have called, if it might call
    /// more.
    fn left_out(&self) -> f64 {
        0.0
    }

    /// Whether it called `address` as a neighbour that turned up after the first probe.
    fn turned_up(&self, _address: IpAddr) -> bool {
        false
    }

    /// Takes the resolved neighbours that no other rung calls by name, each with its interface, and
    /// whether to call those too that were known before the first round.
    fn handle_resolved(&mut self, _resolved: &[(IpAddr, u32)], _known_too: bool) {}

    /// How far it has come through its networks.
    fn swept(&self) -> Option<Swept> {
        None
    }
}
