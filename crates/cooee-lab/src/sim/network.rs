use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Index;
use std::rc::Rc;
use std::time::{Duration, Instant};

use cooee_core::interface::{Interface, InterfaceRole, LinkKind, LinkState};
use cooee_core::{Datagram, Transmit};
use ipnet::Ipv4Net;
use rand::RngExt;
use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;

use super::event::{Packet, Port, Queue, What};
use super::host::{Attachment, Handle, Host, Inbox, Timer, Traffic};
use super::link::{Buffer, Link};
use super::node::{Node, Setting};
use super::segment::{Members, Segment};

/// A simulated network. See the [module](super).
pub struct Network {
    start: Instant,
    now: Instant,
    rng: Pcg32,
    queue: Queue,
    segments: Vec<Members>,
    hosts: Vec<Host>,
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
            queue: Queue::default(),
            segments: Vec::new(),
            hosts: Vec::new(),
        }
    }

    /// Adds a segment: a broadcast domain whose hosts get the addresses of `net` in order. Unicast
    /// datagrams are routed between segments, broadcasts are not.
    pub fn segment(&mut self, net: Ipv4Net) -> Segment {
        self.segments.push(Members::new(net));
        Segment(self.segments.len() - 1)
    }

    /// Attaches a host to one segment, and starts the node that `make` makes for it.
    ///
    /// # Panics
    /// When the segment has no free address.
    pub fn attach<N: Node>(
        &mut self,
        segment: Segment,
        link: Link,
        make: impl FnOnce(Setting<'_>) -> N,
    ) -> Handle<N> {
        self.attach_to_all(&[(segment, link)], make)
    }

    /// Attaches one host to several segments. Its interfaces are numbered from 1, in this order.
    ///
    /// # Panics
    /// When a segment has no free address.
    pub fn attach_to_all<N: Node>(
        &mut self,
        places: &[(Segment, Link)],
        make: impl FnOnce(Setting<'_>) -> N,
    ) -> Handle<N> {
        let host = u32::try_from(self.hosts.len()).expect("a network has under 2^32 hosts");
        let attachments: Vec<Attachment> = (0..)
            .zip(places)
            .map(|(attachment, (segment, link))| Attachment {
                segment: segment.0,
                net: self.segments[segment.0].join(Port { host, attachment }),
                link: link.clone(),
                inbox: Inbox::default(),
            })
            .collect();
        let interfaces: Vec<Interface> = (1..).zip(&attachments).map(interface).collect();
        let seed = self.rng.random();
        let node = make(Setting { interfaces: &interfaces, seed, now: self.now });
        self.hosts.push(Host {
            port: node.port(),
            node: Box::new(node),
            present: true,
            attachments,
            traffic: Traffic::default(),
            timer: Timer::default(),
            drops_told: 0,
        });
        self.drain(host);
        Handle { host, of: PhantomData }
    }

    /// Takes a host off the network without a word: nothing reaches it and it sends nothing more.
    pub fn remove<N: Node>(&mut self, handle: Handle<N>) {
        self.hosts[handle.host as usize].present = false;
    }

    /// Replaces every link to a host. What is on the way or in its buffer is not touched.
    pub fn relink<N: Node>(&mut self, handle: Handle<N>, link: &Link) {
        for attachment in &mut self.hosts[handle.host as usize].attachments {
            attachment.link = link.clone();
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

    /// The first address of a host.
    pub fn address<N: Node>(&self, handle: Handle<N>) -> SocketAddr {
        let host = &self.hosts[handle.host as usize];
        let ip = host.attachments.first().map_or(Ipv4Addr::UNSPECIFIED, Attachment::address);
        SocketAddr::from((ip, host.port))
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
        let Some(event) = self.queue.pop() else { return false };
        self.now = event.at;
        match event.what {
            What::Arrival { to, packet } => self.arrive(to, packet),
            What::Drain { at } => self.take_buffered(at),
            What::Wake { host } => self.wake(host),
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

    fn arrive(&mut self, to: Port, packet: Rc<Packet>) {
        let host = &mut self.hosts[to.host as usize];
        if !host.present {
            return;
        }
        let attachment = &mut host.attachments[to.attachment as usize];
        let Some(buffer) = attachment.link.receive_buffer else {
            return self.deliver(to, &packet);
        };
        if attachment.inbox.is_full(buffer) {
            host.traffic.overflowed += 1;
        } else if let Some(at) = attachment.inbox.push(packet, host.traffic.overflowed, self.now) {
            self.queue.push(at, What::Drain { at: to });
        }
    }

    fn take_buffered(&mut self, at: Port) {
        let host = &mut self.hosts[at.host as usize];
        let attachment = &mut host.attachments[at.attachment as usize];
        let pace = attachment.link.receive_buffer.map_or(Duration::ZERO, Buffer::pace);
        let ready_at = self.now + pace;
        let Some((packet, drops)) = attachment.inbox.pop(ready_at) else { return };
        if !attachment.inbox.is_empty() {
            self.queue.push(ready_at, What::Drain { at });
        }
        if !host.present {
            return;
        }
        if drops > host.drops_told {
            host.drops_told = drops;
            host.node.handle_drops(drops);
            self.drain(at.host);
        }
        self.deliver(at, &packet);
    }

    fn deliver(&mut self, to: Port, packet: &Packet) {
        let host = &mut self.hosts[to.host as usize];
        host.traffic.received += 1;
        let datagram = Datagram {
            source: packet.source,
            destination: Some(packet.destination.ip()),
            interface: Some(to.attachment + 1),
            payload: &packet.payload,
        };
        host.node.handle_datagram(self.now, &datagram);
        self.drain(to.host);
    }

    fn wake(&mut self, index: u32) {
        let host = &mut self.hosts[index as usize];
        host.timer.queued = None;
        if host.present && host.node.poll_timeout().is_some_and(|at| at <= self.now) {
            assert!(host.timer.fired(self.now), "host {index} wakes for ever at one instant");
            host.node.handle_timeout(self.now);
        }
        self.drain(index);
    }

    fn drain(&mut self, index: u32) {
        while let Some(transmit) = self.hosts[index as usize].node.poll_transmit() {
            self.send(index, transmit);
        }
        let host = &mut self.hosts[index as usize];
        let Some(at) = host.node.poll_timeout().filter(|_| host.present) else { return };
        let at = at.max(self.now);
        if host.timer.queued.is_none_or(|queued| at < queued) {
            host.timer.queued = Some(at);
            self.queue.push(at, What::Wake { host: index });
        }
    }

    fn send(&mut self, from: u32, transmit: Transmit) {
        let sender = &mut self.hosts[from as usize];
        if !sender.present {
            return;
        }
        sender.traffic.sent += 1;
        let IpAddr::V4(to) = transmit.destination.ip() else {
            sender.traffic.unroutable += 1;
            return;
        };
        let leaves_by = leaves_by(sender, &transmit, to);
        let source = transmit.source.or(leaves_by.map(|a| a.address().into()));
        let segment = leaves_by.map(|a| a.segment);
        let packet = Rc::new(Packet {
            source: SocketAddr::new(source.unwrap_or(Ipv4Addr::UNSPECIFIED.into()), sender.port),
            destination: transmit.destination,
            payload: transmit.payload,
        });

        let heard_by_all =
            |members: &Members| to.is_broadcast() || to.is_multicast() || to == members.broadcast();
        let mut way = Way { now: self.now, rng: &mut self.rng, queue: &mut self.queue };
        match segment.map(|segment| &self.segments[segment]) {
            Some(members) if heard_by_all(members) => {
                for &port in members.ports().iter().filter(|port| port.host != from) {
                    way.carry(&mut self.hosts[port.host as usize], port, &packet);
                }
            }
            _ => match self.segments.iter().find(|s| s.contains(to)).and_then(|s| s.owner(to)) {
                Some(port) => way.carry(&mut self.hosts[port.host as usize], port, &packet),
                None => self.hosts[from as usize].traffic.unroutable += 1,
            },
        }
    }
}

/// The attachment that a datagram leaves by: as the node says, else that whose network has the
/// destination, else the first.
fn leaves_by<'a>(sender: &'a Host, transmit: &Transmit, to: Ipv4Addr) -> Option<&'a Attachment> {
    let attachments = &sender.attachments;
    let named =
        transmit.interface.and_then(|index| attachments.get((index as usize).checked_sub(1)?));
    named
        .or_else(|| attachments.iter().find(|a| transmit.source == Some(a.address().into())))
        .or_else(|| attachments.iter().find(|a| a.net.contains(&to)))
        .or_else(|| attachments.first())
}

/// What it takes to put a packet on its way.
struct Way<'a> {
    now: Instant,
    rng: &'a mut Pcg32,
    queue: &'a mut Queue,
}

impl Way<'_> {
    fn carry(&mut self, host: &mut Host, to: Port, packet: &Rc<Packet>) {
        if packet.destination.port() != host.port {
            host.traffic.refused += 1;
            return;
        }
        let mut arrives = false;
        for delay in host.attachments[to.attachment as usize].link.carry(self.rng) {
            arrives = true;
            self.queue.push(self.now + delay, What::Arrival { to, packet: Rc::clone(packet) });
        }
        host.traffic.lost += u64::from(!arrives);
    }
}

fn interface((index, attachment): (u32, &Attachment)) -> Interface {
    Interface {
        index,
        name: format!("eth{}", index - 1),
        addresses: vec![attachment.net.into()],
        kind: LinkKind::Broadcast,
        state: LinkState::Up,
        role: InterfaceRole::default(),
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
