use std::net::{IpAddr, Ipv6Addr};
use std::time::Instant;

use cooee_core::interface::{Interface, InterfaceRole, LinkKind, LinkState};
use rand_pcg::Pcg32;

use super::arp::Neighbours;
use super::disturbance::Condition;
use super::inbox::Inbox;
use super::link::{Buffer, Link};
use super::prefix::{Prefix, is_link_local};

/// A host's interface on a segment.
pub(super) struct Attachment {
    pub(super) segment: usize,
    /// Its own addresses.
    pub(super) own: Vec<Prefix>,
    link: Link,
    /// `None` as long as nothing disturbs the link, which is looked at for each datagram.
    condition: Option<Box<Condition>>,
    pub(super) inbox: Inbox,
    pub(super) neighbours: Neighbours,
}

impl Attachment {
    pub(super) fn new(segment: usize, own: Vec<Prefix>, link: Link, start: Instant) -> Self {
        let (inbox, neighbours) = (Inbox::default(), Neighbours::default());
        let condition = link.condition(start);
        Self { segment, own, link, condition, inbox, neighbours }
    }

    pub(super) fn relink(&mut self, link: Link, start: Instant) {
        self.condition = link.condition(start);
        self.link = link;
    }

    pub(super) fn receive_buffer(&self) -> Option<Buffer> {
        self.link.receive_buffer
    }

    /// What the host is told of it.
    pub(super) fn interface(&self, index: u32) -> Interface {
        Interface {
            index,
            name: format!("eth{}", index - 1),
            addresses: self.own.iter().map(|own| own.net).collect(),
            kind: LinkKind::Broadcast,
            state: LinkState::Up,
            role: InterfaceRole::default(),
        }
    }

    pub(super) fn owns(&self, address: IpAddr) -> bool {
        self.own.iter().any(|own| own.address == address)
    }

    pub(super) fn is_on_link(&self, address: IpAddr) -> bool {
        self.own.iter().any(|own| own.contains(address))
    }

    /// The own address that a datagram to `to` leaves from, if there is one of its family: one of
    /// the same network, else the first. What stays on the link comes from a link-local address.
    pub(super) fn source_for(&self, to: IpAddr) -> Option<IpAddr> {
        let stays = is_link_local(to) || matches!(to, IpAddr::V6(to) if is_link_scope(to));
        let own = || self.own.iter().filter(|own| own.is_of_family(to));
        own()
            .find(|own| own.contains(to))
            .or_else(|| own().find(|own| is_link_local(own.address) == stays))
            .or_else(|| own().next())
            .map(|own| own.address)
    }

    /// When each copy arrives of a datagram that is sent to it at `now`.
    pub(super) fn carry(
        &mut self,
        now: Instant,
        rng: &mut Pcg32,
    ) -> impl Iterator<Item = Instant> + use<> {
        self.link.carry(self.condition.as_deref_mut(), now, rng)
    }
}

/// Whether it is a multicast group that routers keep to the link (RFC 4291 §2.7).
fn is_link_scope(group: Ipv6Addr) -> bool {
    group.is_multicast() && group.octets()[1] & 0xf <= 2
}
