//! The counters that the kernel keeps for a socket, and what becomes of those that wrap.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the kernel says at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawMemory {
    pub(super) drops: u32,
    pub(super) send_used: u32,
    pub(super) send_capacity: u32,
}

/// Adds up what the kernel counts with 32 bits, which wrap.
#[derive(Debug, Default)]
pub(super) struct Drops {
    total: AtomicU64,
    /// The kernel's counter when the socket became ours.
    before: u32,
}

impl Drops {
    /// Those after the kernel had counted so many.
    pub(super) fn since(before: u32) -> Self {
        Self { before, total: AtomicU64::default() }
    }

    pub(super) fn total(&self, counter: u32) -> u64 {
        let counter = counter.wrapping_sub(self.before);
        let total = |before: u64| before + u64::from(counter.wrapping_sub(before as u32));
        let before =
            self.total.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| Some(total(n)));
        total(before.unwrap_or_default())
    }
}
