//! What an answer was called for by.

use std::time::Instant;

/// Names a rung of its discovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RungId(pub(super) u8);

impl RungId {
    /// No rung has probed the sender.
    pub(super) const NONE: Self = Self(u8::MAX);
}

/// When and by which rung an answer was called for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occasion {
    pub(super) rung: RungId,
    pub(super) round: u32,
    pub(super) now: Instant,
    /// Whether it may have arrived before `now`.
    pub(super) waited: bool,
}
