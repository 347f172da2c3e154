//! Whose turn it is when a probe may not be answered for every service at once.

use super::source::SourceId;

/// Where the answers to each source left off.
#[derive(Debug)]
pub(super) struct Turns {
    left_off: [Option<(SourceId, usize)>; Self::REMEMBERED],
}

impl Turns {
    /// Sources that are remembered, each in its place: one that is not starts at the first service.
    const REMEMBERED: usize = 64;

    pub(super) fn new() -> Self {
        Self { left_off: [None; Self::REMEMBERED] }
    }

    /// The position from which to answer `source`.
    pub(super) fn of(&self, source: SourceId) -> usize {
        let place = self.left_off[source.0 as usize % Self::REMEMBERED];
        place.filter(|(known, _)| *known == source).map_or(0, |(_, next)| next)
    }

    /// The next answers to `source` begin at `next`.
    pub(super) fn note(&mut self, source: SourceId, next: usize) {
        self.left_off[source.0 as usize % Self::REMEMBERED] = Some((source, next));
    }
}
