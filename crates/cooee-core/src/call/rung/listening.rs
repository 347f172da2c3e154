use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::plan::Plan;
use crate::Wait;
use crate::call::probes::Outbox;

/// Calls nobody: a browser of DNS-SD asks, and is given time for it.
#[derive(Debug)]
pub(in crate::call) struct Listening {
    until: Option<Instant>,
}

impl Listening {
    /// With the quiet that has to follow, as long as three rounds of probes take (0.7 s): for the answers to
    /// the first query, which responders delay by up to 0.5 s (RFC 6762 section 6).
    const QUICK: Duration = Duration::from_millis(450);
    /// The same with the answers to the second query, a second later (1.5 s).
    const SETTLED: Duration = Duration::from_millis(1000);

    pub(in crate::call) fn new(wait: Wait, now: Instant) -> Self {
        let takes = if wait == Wait::Quick { Self::QUICK } else { Self::SETTLED };
        Self { until: Some(now + takes) }
    }
}

impl Plan for Listening {
    fn next_at(&self) -> Option<Instant> {
        self.until
    }

    fn advance(&mut self, now: Instant, _: &mut Outbox<'_>) -> bool {
        // Then it is looked whether that was enough.
        self.until.take_if(|until| *until <= now).is_some()
    }

    fn rounds(&self) -> u32 {
        0
    }

    fn completed(&self) -> u32 {
        0
    }

    fn heard_out(&self, _: Instant, _: Duration) -> u32 {
        0
    }

    fn is_under_way(&self) -> bool {
        self.until.is_some()
    }

    fn is_in_use(&self) -> bool {
        true
    }

    fn round_of(&self, _: SocketAddr) -> Option<u32> {
        None
    }

    fn each_call(&self, _: SocketAddr, _: &mut dyn FnMut(Instant)) {}
}
