//! Sockets coupled with an engine of `cooee-core`, turned one step at a time by either driver.

mod answering;
mod audit;
mod backoff;
mod browsing;
mod calling;
mod checks;
mod discovering;
mod drops;
mod late;
mod listening;
mod log_limit;
mod machine;
mod names;
mod neighbourhood;
mod offering;
mod over_v6;
mod plan;
mod progress;
#[cfg(feature = "mdns")]
mod publishing;
#[cfg(not(feature = "mdns"))]
#[path = "unpublished.rs"]
mod publishing;
mod pulse;
mod resets;
mod routes;
mod searching;
mod shared;
mod sockets;
mod surroundings;
mod unsent;
mod watching;
mod witness;

pub(crate) use answering::Answering;
pub(crate) use backoff::Backoff;
pub(crate) use calling::Received;
pub(crate) use checks::Connections;
pub(crate) use over_v6::OverV6;
pub(crate) use plan::Plan;
pub(crate) use progress::Progress;
pub(crate) use searching::Searching;
pub(crate) use shared::Shared;
#[cfg(feature = "tokio")]
pub(crate) use sockets::Sockets;
pub(crate) use watching::Watching;

/// A number that nobody outside this process can guess.
pub(crate) fn random_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0_u8)
}
