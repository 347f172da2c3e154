//! The answering side of both families: which clients it answers, with which addresses, and how much.
//!
//! An input is operations on a responder in virtual time, until it is used up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::{Duration, Instant};

use arbitrary::{Arbitrary, Unstructured};
use cooee_core::interface::{Interface, InterfaceRole, LinkKind, LinkState};
use cooee_core::wire::Family;
use cooee_core::{
    Datagram, GROUP, NeighbourState, RateLimit, ResponderConfig, ResponderEngine, ResponderEvent,
    SocketId, Transmit, limits,
};
use ipnet::IpNet;

use crate::network;

/// A source, as a datagram may have it.
#[derive(Debug, Clone, Copy, Arbitrary)]
enum Source {
    V4(u8, u8),
    LinkLocal(u8),
    UniqueLocal(u8),
    OnLink(u8),
    Global(u8),
    Mapped(u8),
    Own(u8),
    Any([u8; 16]),
}

/// Where a probe went.
#[derive(Debug, Clone, Copy, Arbitrary)]
enum To {
    Group,
    Broadcast,
    Own(u8),
    Elsewhere,
    Unknown,
}

#[derive(Debug, Arbitrary)]
enum Operation<'a> {
    Probe {
        from: Source,
        port: u16,
        to: To,
        link: u8,
        text: Option<&'a [u8]>,
    },
    /// What is asked next is answered so.
    Resolved(bool),
    Routed(bool),
    Present(u8),
    Full(bool),
    WaitMs(u16),
}

struct Model {
    responder: ResponderEngine,
    interfaces: Vec<Interface>,
    now: Instant,
    resolved: bool,
    routed: bool,
    probes: u64,
    answers: u64,
}

/// Takes one input.
///
/// # Panics
/// When a responder answers a client that it must not, more than it was asked, or with an address that is
/// not its own.
pub fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok((present, is_limited)) = input.arbitrary::<(u8, bool)>() else { return };
    let mut model = Model::new(present, is_limited);
    while !input.is_empty() {
        let Ok(operation) = input.arbitrary() else { break };
        model.act(&operation);
    }
}

/// Those of a host's interfaces that it has now.
fn interfaces(present: u8) -> Vec<Interface> {
    const ADDRESSES: [&[&str]; 3] = [
        &["10.0.0.2/24", "10.0.7.2/24", "fe80::2/64", "2001:db8::2/64"],
        &["10.0.1.2/24", "fe80::2/64", "fd00::2/64"],
        &["fe80::9/64"],
    ];
    let interface = |(index, addresses): (u32, &&[&str])| Interface {
        index,
        name: format!("if{index}"),
        addresses: addresses.iter().map(|text| text.parse().expect("an address")).collect(),
        kind: LinkKind::Broadcast,
        state: LinkState::Up,
        role: InterfaceRole::default(),
    };
    let is_present = |(index, _): &(u32, _)| present & 1 << index == 0;
    (2..).zip(&ADDRESSES).filter(is_present).map(interface).collect()
}

impl Source {
    fn at(self, port: u16, link: u32) -> SocketAddr {
        let v6 = |text: &str, last: u8| {
            let first: Ipv6Addr = text.parse().expect("an address");
            Ipv6Addr::from_bits(first.to_bits() + u128::from(last))
        };
        let ip = match self {
            Self::V4(net, last) => return (Ipv4Addr::new(10, 0, net % 8, last), port).into(),
            Self::LinkLocal(last) => v6("fe80::", last),
            Self::UniqueLocal(last) => v6("fd77::", last),
            Self::OnLink(last) => v6("2001:db8::", last),
            Self::Global(last) => v6("2001:db8:7::", last),
            Self::Mapped(last) => Ipv4Addr::new(10, 0, 0, last).to_ipv6_mapped(),
            Self::Own(even) if even % 2 == 0 => v6("fe80::2", 0),
            Self::Own(_) => v6("fd00::2", 0),
            Self::Any(bytes) => bytes.into(),
        };
        let scope = if ip.is_unicast_link_local() { link } else { 0 };
        SocketAddrV6::new(ip, port, 0, scope).into()
    }
}

impl Model {
    fn new(present: u8, is_limited: bool) -> Self {
        let (interfaces, now) = (interfaces(present), network::start());
        let rate_limit = if is_limited { RateLimit::default() } else { RateLimit::Off };
        let config = ResponderConfig { rate_limit, ..ResponderConfig::default() };
        let responder = ResponderEngine::new(config, &interfaces, 1, now).expect("it is sound");
        let (resolved, routed, probes, answers) = (true, true, 0, 0);
        Self { responder, interfaces, now, resolved, routed, probes, answers }
    }

    fn act(&mut self, operation: &Operation<'_>) {
        match *operation {
            Operation::Probe { from, port, to, link, text } => {
                let link = 2 + u32::from(link % 4);
                let own = self.interfaces.iter().flat_map(|it| &it.addresses);
                let own: Vec<IpAddr> = own.map(IpNet::addr).collect();
                let destination = match to {
                    To::Group => Some(GROUP.into()),
                    To::Broadcast => Some(Ipv4Addr::BROADCAST.into()),
                    To::Own(nth) => own.get(usize::from(nth) % own.len().max(1)).copied(),
                    To::Elsewhere => Some(Ipv6Addr::from_bits(0x2001 << 112 | 1).into()),
                    To::Unknown => None,
                };
                let source = from.at(port, link);
                // The system tells one of the same family.
                let destination = destination.filter(|it| it.is_ipv4() == source.is_ipv4());
                let socket = if source.is_ipv4() { SocketId::V4 } else { SocketId::V6 };
                let payload = text.unwrap_or(b"DISCOVER_SERVER");
                let interface = Some(link);
                let datagram =
                    Datagram { socket, destination, interface, ..Datagram::new(source, payload) };
                self.probes += 1;
                self.responder.handle_datagram(self.now, &datagram);
            }
            Operation::Resolved(resolved) => self.resolved = resolved,
            Operation::Routed(routed) => self.routed = routed,
            Operation::Present(present) => {
                self.interfaces = interfaces(present);
                self.responder.handle_interfaces(&self.interfaces);
            }
            Operation::Full(is_full) => {
                for socket in [SocketId::V4, SocketId::V6] {
                    self.responder.handle_send_room(socket, if is_full { 1000 } else { 0 }, 1000);
                }
            }
            Operation::WaitMs(ms) => {
                self.now += Duration::from_millis(ms.into());
                self.responder.handle_timeout(self.now);
            }
        }
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            while let Some(event) = self.responder.poll_event() {
                self.tell(event);
            }
            let Some(transmit) = self.responder.poll_transmit() else { break };
            self.answers += 1;
            self.check(&transmit);
        }
        assert!(self.answers <= self.probes, "more answers than probes");
    }

    fn tell(&mut self, event: ResponderEvent) {
        match event {
            ResponderEvent::RouteWanted { asker } => {
                let own = self.interfaces.iter().flat_map(|it| &it.addresses).map(IpNet::addr);
                let mut own = own.filter(|own| own.is_ipv4() == asker.is_ipv4());
                let route = own.next().filter(|_| self.routed);
                self.responder.handle_route(self.now, asker, route);
            }
            ResponderEvent::NeighbourWanted { asker, interface } => {
                let state = if self.resolved {
                    NeighbourState::Resolved
                } else {
                    NeighbourState::Unresolved
                };
                self.responder.handle_neighbour(self.now, asker, interface, state);
            }
            _ => {}
        }
    }

    fn check(&self, sent: &Transmit) {
        let to = sent.destination;
        let is_v6 = to.is_ipv6();
        assert_eq!(sent.socket, if is_v6 { SocketId::V6 } else { SocketId::V4 });
        assert!(to.port() != 0 && !to.ip().is_multicast() && !to.ip().is_unspecified());
        self.check_asker(to.ip());
        let codec = cooee_core::wire::Codec::default();
        let reply = codec.decode_reply(&sent.payload).expect("an answer can be read");
        assert_eq!(Family::of(reply.address), Family::from(to), "{sent:?}");
        let has = |it: &&Interface, ip| it.addresses.iter().any(|net| net.addr() == ip);
        let mut named = self.interfaces.iter().filter(|it| has(it, reply.address));
        let others = reply.others.as_slice();
        assert!(others.len() <= limits::OTHERS_MAX && (is_v6 || others.is_empty()));
        let names_one_link =
            named.any(|it| others.iter().all(|&other| has(&it, IpAddr::V4(other))));
        assert!(names_one_link, "not this host's addresses of one link: {sent:?}");
        let is_own = |ip| self.interfaces.iter().any(|it| has(&it, ip));
        assert!(sent.source.is_none_or(|source| is_own(source) && source.is_ipv6() == is_v6));
        if let SocketAddr::V6(to) = to
            && to.ip().is_unicast_link_local()
        {
            assert!(to.scope_id() != 0 || sent.interface.is_some(), "to no link: {sent:?}");
        }
    }

    /// Without being told to answer others, only neighbours and private networks are answered.
    fn check_asker(&self, asker: IpAddr) {
        let is_private = match asker {
            IpAddr::V4(ip) => ip.is_private() || ip.is_link_local(),
            IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
        };
        let is_near = self.interfaces.iter().any(|it| it.is_on_link(asker));
        assert!(is_private || is_near || asker.is_loopback(), "{asker} is answered");
    }
}
