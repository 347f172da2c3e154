//! Copies of one probe that arrive by several interfaces on one link.

use std::time::{Duration, Instant};

use super::ProbeRefusal;
use super::source::SourceId;
use crate::limits;

/// The probes answered last, each in the place that its source has.
#[derive(Debug)]
pub(super) struct Copies {
    answered: Box<[Option<Answered>]>,
}

#[derive(Debug, Clone, Copy)]
struct Answered {
    source: SourceId,
    interface: u32,
    at: Instant,
}

impl Copies {
    /// Within which copies of a probe arrive.
    const WITHIN: Duration = Duration::from_millis(20);

    pub(super) fn new() -> Self {
        Self { answered: vec![None; limits::COPIES_REMEMBERED].into_boxed_slice() }
    }

    /// Refuses a probe that was answered when it arrived on another interface, if both are on
    /// `one_link`.
    pub(super) fn check(
        &mut self,
        now: Instant,
        source: SourceId,
        arrived_on: Option<u32>,
        one_link: impl Fn(u32, u32) -> bool,
    ) -> Result<(), ProbeRefusal> {
        let Some(interface) = arrived_on else { return Ok(()) };
        let place = &mut self.answered[source.0 as usize % limits::COPIES_REMEMBERED];
        let is_copy = |known: Answered| {
            known.source == source
                && known.interface != interface
                && one_link(known.interface, interface)
                && now.saturating_duration_since(known.at) < Self::WITHIN
        };
        if place.is_some_and(is_copy) {
            return Err(ProbeRefusal::Copy);
        }
        *place = Some(Answered { source, interface, at: now });
        Ok(())
    }

    /// Takes note that the probe was not answered after all.
    pub(super) fn forget(&mut self, source: SourceId) {
        let place = &mut self.answered[source.0 as usize % limits::COPIES_REMEMBERED];
        place.take_if(|known| known.source == source);
    }
}
