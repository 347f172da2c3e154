//! The drivers that wait by blocking a thread. No runtime, and no wake-up without a reason.

mod browsing;
mod discovering;
#[cfg(unix)]
mod inherited;
mod responding;
mod waiter;

pub use browsing::{Browser, NextPresence};
pub use discovering::{Next, Servers, Stopper};
pub use responding::Responding;
