mod building;
mod driving;
mod receiving;
mod resolving;
mod sending;

use std::any::Any;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Index;
use std::time::{Duration, Instant};

use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;

use super::arp::Arp;
use super::event::{Queue, What};
use super::host::{Handle, Host, Traffic};
use super::node::Node;
use super::segment::Members;

/// A simulated network. See the [module](super).
pub struct Network {
    start: Instant,
    now: Instant,
    rng: Pcg32,
    queue: Queue,
    segments: Vec<Members>,
    hosts: Vec<Host>,
    arp: Option<Arp>,
}

impl Network {
    /// An empty network, whose every chance comes from `seed`.
    pub fn new(seed: u64) -> Self {
        // There is no other way to an `Instant`. Only differences from it are ever used.
        let start = Instant::now();
        Self {
            start,
            now: start,
            rng: Pcg32::seed_from_u64(seed),
            queue: Queue::new(start),
            segments: Vec::new(),
            hosts: Vec::new(),
            arp: None,
        }
    }

    /// Calls a node from outside, then drains it.
    pub fn act<N: Node, T>(
        &mut self,
        handle: Handle<N>,
        act: impl FnOnce(&mut N, Instant) -> T,
    ) -> T {
        let node: &mut dyn Any = &mut *self.hosts[handle.host as usize].node;
        let result = act(node.downcast_mut().expect(OWN_HANDLE), self.now);
        self.drain(handle.host);
        result
    }

    /// The present.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The time since the network was made.
    pub fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// The first address of a host, with the port of its first socket.
    pub fn address<N: Node>(&self, handle: Handle<N>) -> SocketAddr {
        let ip = self.addresses(handle).next().unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        SocketAddr::new(ip, self.hosts[handle.host as usize].sockets.port(0))
    }

    /// The addresses of a host, by interface.
    pub fn addresses<N: Node>(&self, handle: Handle<N>) -> impl Iterator<Item = IpAddr> + '_ {
        let attachments = &self.hosts[handle.host as usize].attachments;
        attachments.iter().flat_map(|a| a.own.iter().map(|own| own.address))
    }

    /// What a host sent and was sent so far.
    pub fn traffic<N: Node>(&self, handle: Handle<N>) -> Traffic {
        self.hosts[handle.host as usize].traffic
    }

    /// Lets the next thing happen. `false` if nothing is left to happen.
    ///
    /// # Panics
    /// When a node asks over and over to be woken at the present instant.
    pub fn step(&mut self) -> bool {
        let Some((at, what)) = self.queue.pop() else { return false };
        self.now = at;
        match what {
            What::Arrival { to, packet } => self.arrive(to, packet),
            What::Drain { at } => self.take_buffered(at),
            What::Wake { host } => self.wake(host),
            What::Busy { host } => self.begin_busy(host),
            What::Resume { host } => self.resume(host),
            What::Leave { host, transmit } => self.send(host, *transmit),
            What::Resolve(step) => self.resolve(*step),
        }
        true
    }

    /// Lets everything happen that happens at `until` or before. It is `until` afterwards.
    pub fn run_until(&mut self, until: Instant) {
        while self.queue.next_at().is_some_and(|at| at <= until) {
            self.step();
        }
        self.now = self.now.max(until);
    }

    /// Lets everything happen that happens within `time` from now.
    pub fn advance(&mut self, time: Duration) {
        self.run_until(self.now + time);
    }

    /// Goes on while `wanted` says so and things happen. Whether it stopped because of `wanted`.
    pub fn run_while(&mut self, mut wanted: impl FnMut(&Self) -> bool) -> bool {
        while wanted(self) {
            if !self.step() {
                return false;
            }
        }
        true
    }

    /// Goes on until nothing is left to happen, for `at_most` this long. Whether nothing is left.
    pub fn run_until_idle(&mut self, at_most: Duration) -> bool {
        let until = self.now + at_most;
        while self.queue.next_at().is_some_and(|at| at <= until) {
            self.step();
        }
        self.queue.next_at().is_none()
    }
}

const OWN_HANDLE: &str = "a handle is used with the network that gave it";

impl<N: Node> Index<Handle<N>> for Network {
    type Output = N;

    fn index(&self, handle: Handle<N>) -> &N {
        let node: &dyn Any = &*self.hosts[handle.host as usize].node;
        node.downcast_ref().expect(OWN_HANDLE)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("elapsed", &self.elapsed())
            .field("segments", &self.segments.len())
            .field("hosts", &self.hosts.len())
            .finish_non_exhaustive()
    }
}
