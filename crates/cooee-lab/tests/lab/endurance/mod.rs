//! What a server and a client must endure: floods, faults and time.
//!
//! Each scenario is written once. It is short in every run of the lab, and long under
//! `cargo xtask soak`.

mod asker;
mod descriptors;
mod extent;
mod flapping;
mod flood;
mod forged;
mod frozen;
mod one_interface;
mod refused;
mod refused_call;
mod soak;
mod spoofed;
pub(crate) mod strace;
mod suspended;
mod terminated;
pub(crate) mod vitals;
mod wall_clock;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held by scenarios that need a processor of their own to send their load, so that they do not
/// take it from one another; and by those that fill the neighbour table, of which the machine has
/// one for all hosts; and by those that expect answers within some milliseconds.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    // It guards nothing that a panic could leave half done.
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
