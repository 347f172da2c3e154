//! What will happen, in order of time.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use cooee_core::Transmit;

use super::arp::Step;
use super::packet::Packet;
use super::port::Port;

#[derive(Debug)]
pub(super) enum What {
    /// A copy of a packet reaches a host. All copies share the packet.
    Arrival { to: Port, packet: Rc<Packet> },
    /// A host is ready to take the next datagram out of its buffer.
    Drain { at: Port },
    /// A host's timer fires.
    Wake { host: u32 },
    /// A host's driver begins to be busy.
    Busy { host: u32 },
    /// A host's driver is done with what it was busy with.
    Resume { host: u32 },
    /// What a node sent a while ago leaves its host. Boxed, since most events are arrivals.
    Leave { host: u32, transmit: Box<Transmit> },
    /// A link address is asked for.
    Resolve(Box<Step>),
}

#[derive(Debug)]
struct Event {
    /// Nanoseconds from the start, which are quicker to compare than an [`Instant`].
    at: u64,
    sequence: u64,
    what: What,
}

/// Events by time, and in the order of their making where the time is the same.
#[derive(Debug)]
pub(super) struct Queue {
    start: Instant,
    heap: BinaryHeap<Event>,
    made: u64,
}

impl Queue {
    /// An empty queue, for events from `start` on.
    pub(super) fn new(start: Instant) -> Self {
        Self { start, heap: BinaryHeap::new(), made: 0 }
    }

    pub(super) fn push(&mut self, at: Instant, what: What) {
        let at = u64::try_from((at - self.start).as_nanos()).unwrap_or(u64::MAX);
        self.made += 1;
        self.heap.push(Event { at, sequence: self.made, what });
    }

    pub(super) fn next_at(&self) -> Option<Instant> {
        self.heap.peek().map(|event| self.instant(event.at))
    }

    pub(super) fn pop(&mut self) -> Option<(Instant, What)> {
        let event = self.heap.pop()?;
        Some((self.instant(event.at), event.what))
    }

    fn instant(&self, nanos: u64) -> Instant {
        self.start + Duration::from_nanos(nanos)
    }
}

impl Ord for Event {
    /// The earliest is the greatest, because a [`BinaryHeap`] gives its greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.sequence).cmp(&(self.at, self.sequence))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Event {}
