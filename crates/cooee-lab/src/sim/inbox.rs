use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;

use super::link::Buffer;
use super::packet::Packet;

/// The datagrams in a socket's receive buffer.
#[derive(Default)]
pub(super) struct Inbox {
    waiting: VecDeque<Waiting>,
    ready_at: Option<Instant>,
}

/// A datagram in a receive buffer, with the count of drops when it came in.
pub(super) struct Waiting {
    pub(super) packet: Rc<Packet>,
    pub(super) drops: u64,
    pub(super) arrived: Instant,
}

impl Inbox {
    pub(super) fn is_full(&self, buffer: Buffer) -> bool {
        self.waiting.len() >= buffer.datagrams
    }

    /// Buffers a packet. When to drain it, if that is not arranged already.
    pub(super) fn push(&mut self, packet: Rc<Packet>, drops: u64, now: Instant) -> Option<Instant> {
        self.waiting.push_back(Waiting { packet, drops, arrived: now });
        (self.waiting.len() == 1).then(|| self.ready_at.map_or(now, |at| at.max(now)))
    }

    /// Takes the next packet. The host is busy with it until `ready_at`.
    pub(super) fn pop(&mut self, ready_at: Instant) -> Option<Waiting> {
        self.ready_at = Some(ready_at);
        self.waiting.pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }
}
