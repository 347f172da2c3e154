//! Hosts whose addresses are known only after the start.

use std::net::SocketAddr;
use std::time::Instant;

use tracing::debug;

use super::schedule::Schedule;
use super::{DiscoveryEngine, ladder};
use crate::wire::Family;
use crate::{Host, limits};

impl DiscoveryEngine {
    /// Takes the addresses of a configured host that had none, or why it has none. Its rounds begin
    /// at `now`. Broadcasts do not wait for it, and the end does: it is expected to answer.
    ///
    /// At most [`limits::NAME_ADDRESSES_MAX`] of the addresses are probed, the first ones.
    pub fn handle_resolved(
        &mut self,
        now: Instant,
        name: &str,
        resolved: Result<Vec<SocketAddr>, String>,
    ) {
        if self.ended.is_some() || !self.names.settle(name) {
            return;
        }
        let spoken = resolved.and_then(|mut addresses| {
            addresses.retain(|&address| self.config.speaks(Family::from(address)));
            addresses.truncate(limits::NAME_ADDRESSES_MAX);
            let none = "it has no address of a family that is probed";
            if addresses.is_empty() { Err(none.to_owned()) } else { Ok(addresses) }
        });
        match spoken {
            Ok(addresses) => {
                debug!(name, ?addresses, "resolved");
                let host = Host { name: name.to_owned(), addresses };
                let left = self.deadline.saturating_duration_since(now);
                let schedule = Schedule::new(self.config.retries, left, self.chance.clone(), now);
                let id = ladder::next_id(&self.rungs);
                let rung = ladder::hosts(std::slice::from_ref(&host), &self.config, schedule, id);
                self.rungs.insert(0, rung);
                self.names.note(host);
            }
            Err(why) => {
                debug!(name, why, "cannot be resolved");
                self.names.fail(name, why);
                self.settle.look_again(now, &self.rungs);
            }
        }
    }
}
