use std::marker::PhantomData;
use std::ops::Range;
use std::time::Duration;

use cooee_core::interface::Interface;
use ipnet::{IpNet, Ipv4Net};
use rand::RngExt;

use super::Network;
use crate::sim::attachment::Attachment;
use crate::sim::host::{Handle, Host, Outgoing, Timer, Traffic};
use crate::sim::link::Link;
use crate::sim::node::{Node, Setting};
use crate::sim::port::Port;
use crate::sim::segment::{Members, Segment};
use crate::sim::socket::Sockets;

impl Network {
    /// Adds a segment: a broadcast domain whose hosts get the addresses of `net` in order. Unicast
    /// datagrams are routed between segments, broadcasts are not.
    pub fn segment(&mut self, net: Ipv4Net) -> Segment {
        self.segment_of(&[net.into()])
    }

    /// Adds a segment whose hosts get an address of each of these networks. With an IPv6 network
    /// among them they get a link-local address too; `fe80::/64` stands for that alone.
    pub fn segment_of(&mut self, nets: &[IpNet]) -> Segment {
        self.add_segment(self.segments.len(), nets)
    }

    /// Adds a segment that shares the wire of another: what is sent to 255.255.255.255 or to a
    /// multicast group in one of them is heard in both, though their hosts have addresses of
    /// different networks.
    pub fn segment_beside(&mut self, other: Segment, nets: &[IpNet]) -> Segment {
        self.add_segment(self.segments[other.0].wire, nets)
    }

    fn add_segment(&mut self, wire: usize, nets: &[IpNet]) -> Segment {
        let index = self.segments.len();
        self.segments.push(Members::new(index, wire, nets));
        Segment(index)
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
            .map(|(attachment, (segment, link))| {
                let own = self.segments[segment.0].join(Port { host, attachment });
                Attachment::new(segment.0, own, link.clone(), self.start)
            })
            .collect();
        let interfaces: Vec<Interface> =
            (1..).zip(&attachments).map(|(index, a)| a.interface(index)).collect();
        let seed = self.rng.random();
        let node = make(Setting { interfaces: &interfaces, seed, now: self.now });
        let bound = self.arp.and_then(|arp| arp.send_buffer);
        self.hosts.push(Host {
            sockets: Sockets::new(node.sockets()),
            node: Box::new(node),
            present: true,
            attachments,
            traffic: Traffic::default(),
            timer: Timer::default(),
            driver: None,
            outgoing: Outgoing { bound, ..Outgoing::default() },
            firewall: None,
            drops_told: 0,
        });
        self.drain(host);
        Handle { host, of: PhantomData }
    }

    /// Takes a host off the network without a word: nothing reaches it and it sends nothing more.
    pub fn remove<N: Node>(&mut self, handle: Handle<N>) {
        self.hosts[handle.host as usize].present = false;
    }

    /// Gives a host a firewall that lets in only what belongs to a flow that the host begins from now
    /// on. Requests for link addresses pass it.
    pub fn set_firewall<N: Node>(&mut self, handle: Handle<N>) {
        self.hosts[handle.host as usize].firewall = Some(Box::default());
    }

    /// Makes what the node of a host sends leave late, each datagram by a time of this range. An
    /// empty range always gives its start; datagrams overtake each other in a wide one.
    pub fn delay_sending<N: Node>(&mut self, handle: Handle<N>, by: Range<Duration>) {
        self.hosts[handle.host as usize].outgoing.delay = Some(by);
    }

    /// Replaces every link to a host. What is on the way or in its buffer is not touched.
    pub fn relink<N: Node>(&mut self, handle: Handle<N>, link: &Link) {
        for attachment in &mut self.hosts[handle.host as usize].attachments {
            attachment.relink(link.clone(), self.start);
        }
    }
}
