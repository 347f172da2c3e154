use std::marker::PhantomData;
use std::ops::Range;
use std::time::{Duration, Instant};

use super::attachment::Attachment;
use super::driver::Driver;
use super::firewall::Firewall;
use super::node::Node;
use super::socket::Sockets;

/// Names a node of type `N` in the network that it was attached to.
#[derive(Debug)]
pub struct Handle<N> {
    pub(super) host: u32,
    pub(super) of: PhantomData<fn() -> N>,
}

impl<N> Clone for Handle<N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Handle<N> {}

/// What a host sent and was sent. A broadcast is sent once, and lost or received by each hearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Datagrams that its node sent.
    pub sent: u64,
    /// Of those, the ones to an address that nobody has. With [`Arp`](super::Arp), only those to
    /// other networks.
    pub unroutable: u64,
    /// Of those, the ones that waited for a link address in vain.
    pub unresolved: u64,
    /// Datagrams that its full send buffer refused.
    pub unsent: u64,
    /// Datagrams that its node took.
    pub received: u64,
    /// Of those, the ones that waited in a receive buffer before.
    pub waited: u64,
    /// Datagrams that were lost on the way to it.
    pub lost: u64,
    /// Datagrams that its full receive buffer dropped.
    pub overflowed: u64,
    /// Datagrams to a port that none of its node's sockets has.
    pub refused: u64,
    /// Datagrams that its firewall dropped.
    pub filtered: u64,
}

pub(super) struct Host {
    pub(super) node: Box<dyn Node>,
    pub(super) present: bool,
    pub(super) sockets: Sockets,
    pub(super) attachments: Vec<Attachment>,
    pub(super) traffic: Traffic,
    pub(super) timer: Timer,
    /// `None` as long as it is never busy, as most are.
    pub(super) driver: Option<Box<Driver>>,
    pub(super) outgoing: Outgoing,
    pub(super) firewall: Option<Box<Firewall>>,
    /// The count of drops that the node was told last.
    pub(super) drops_told: u64,
}

impl Host {
    pub(super) fn driver_mut(&mut self) -> &mut Driver {
        self.driver.get_or_insert_default()
    }

    /// Whether its timer has to wait for its driver.
    pub(super) fn is_kept_from_timer(&self) -> bool {
        self.driver.as_ref().is_some_and(|driver| driver.is_kept_from_timer())
    }
}

/// The way out of a host.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// How many datagrams may wait for link addresses in each socket's send buffer.
    pub(super) bound: Option<usize>,
    /// How many of its next requests for link addresses get lost.
    pub(super) requests_to_lose: u32,
    /// How long what its node sends takes to leave.
    pub(super) delay: Option<Range<Duration>>,
}

/// The one wake-up that is queued for a host; where the node's own timer has moved to a later
/// time, it is queued anew when this one fires.
#[derive(Debug, Default)]
pub(super) struct Timer {
    pub(super) queued: Option<Instant>,
    pub(super) last: Option<Instant>,
    pub(super) repeats: u32,
}

impl Timer {
    /// How often in a row a node may ask for the present instant.
    const REPEATS_MAX: u32 = 1000;

    /// Notes that it fired at `now`. Whether that is still sane.
    pub(super) fn fired(&mut self, now: Instant) -> bool {
        self.repeats = if self.last == Some(now) { self.repeats + 1 } else { 0 };
        self.last = Some(now);
        self.repeats < Self::REPEATS_MAX
    }
}
