//! Drivers that are busy with something else than their node.

use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::packet::Packet;
use super::port::Port;

/// What a driver sees to first that has been busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Waking {
    /// The datagrams that wait, then the timer: a driver that is right.
    #[default]
    DatagramsFirst,
    /// The timer if it is overdue, then the datagrams: a driver that takes what waits for late.
    TimerFirst,
}

/// When a host's driver is busy, and what waits for it.
#[derive(Debug, Default)]
pub(super) struct Driver {
    pub(super) waking: Waking,
    busy_until: Option<Instant>,
    to_come: Vec<Range<Instant>>,
    /// What waits in the receive buffer of links that have no bound on it.
    held: VecDeque<Held>,
    /// How many datagrams in bounded buffers it takes before it looks at its timer.
    backlog: usize,
}

/// A datagram that waits for a driver.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) to: Port,
    pub(super) packet: Rc<Packet>,
    pub(super) arrived: Instant,
}

impl Driver {
    pub(super) fn busy_until(&self) -> Option<Instant> {
        self.busy_until
    }

    /// Whether its timer has to wait.
    pub(super) fn is_kept_from_timer(&self) -> bool {
        self.busy_until.is_some() || self.backlog > 0
    }

    /// Arranges for a span in which it is busy. When one begins, `begin` is to be called.
    pub(super) fn plan(&mut self, span: Range<Instant>) {
        self.to_come.push(span);
    }

    /// Begins the spans that are due. How long they last, if any does.
    pub(super) fn begin(&mut self, now: Instant) -> Option<Instant> {
        let mut until = None;
        self.to_come.retain(|span| {
            let is_due = span.start <= now;
            until = until.max(is_due.then_some(span.end));
            !is_due
        });
        let until = until.filter(|&until| until > now)?;
        Some(self.extend(until))
    }

    /// Is busy for this much longer. Until when.
    pub(super) fn work(&mut self, now: Instant, time: Duration) -> Instant {
        let from = self.busy_until.map_or(now, |until| until.max(now));
        self.extend(from + time)
    }

    fn extend(&mut self, until: Instant) -> Instant {
        *self.busy_until.insert(self.busy_until.map_or(until, |busy| busy.max(until)))
    }

    /// Whether it is done at `now`. It is not when it has been given more to do meanwhile.
    pub(super) fn finish(&mut self, now: Instant) -> bool {
        self.busy_until.take_if(|until| *until <= now).is_some()
    }

    pub(super) fn hold(&mut self, held: Held) {
        self.held.push_back(held);
    }

    pub(super) fn next_held(&mut self) -> Option<Held> {
        self.held.pop_front()
    }

    pub(super) fn set_backlog(&mut self, datagrams: usize) {
        self.backlog = datagrams;
    }

    pub(super) fn took_buffered(&mut self) {
        self.backlog = self.backlog.saturating_sub(1);
    }
}
