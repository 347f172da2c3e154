use std::net::{IpAddr, Ipv6Addr};

use arbitrary::Arbitrary;
use cooee_core::wire::Families;
use cooee_core::{Advertise, ListenerRule, ListeningSocket, Offer};
use ipnet::{IpNet, Ipv4Net};

use super::policy::Policy;
use crate::network::{Address, Family};
use crate::operation::Texts;

/// What a process that stands by offers.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub(super) struct Offered {
    protocol: Protocol,
    port: Port,
    policy: Policy,
    advertise: Option<(Address, Family)>,
    bound: Option<Address>,
    allow: Option<(Address, u8)>,
    listener: Option<Rule>,
    has_name: bool,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Protocol {
    Stock,
    StillStock,
    Beside,
    Short,
}

/// One of a few ports, so that offers share them.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub(super) struct Port(u8);

impl Port {
    /// 0 is no port of a service; 7 is none at all.
    fn of_a_service(self) -> Option<u16> {
        match self.0 % 8 {
            0 => Some(0),
            7 => None,
            nth => Some(7999 + u16::from(nth)),
        }
    }

    pub(super) fn number(self) -> u16 {
        8000 + u16::from(self.0 % 6)
    }
}

/// Where a socket listens.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub(super) enum Bound {
    All,
    AllV6,
    One(Address, Family),
    Mapped(Address),
}

#[derive(Debug, Clone, Copy, Arbitrary)]
pub(super) enum Rule {
    OnPort,
    At(Bound),
}

#[derive(Debug, Clone, Copy, Arbitrary)]
pub(super) struct Socket {
    bound: Bound,
    only_v6: bool,
}

/// What the system says of a port: up to two sockets, or nothing.
pub(super) type Said = Option<[Option<Socket>; 2]>;

pub(super) fn sockets(said: Said) -> Option<Vec<ListeningSocket>> {
    let socket =
        |socket: Socket| ListeningSocket { address: socket.bound.ip(), only_v6: socket.only_v6 };
    said.map(|sockets| sockets.into_iter().flatten().map(socket).collect())
}

impl Bound {
    fn ip(self) -> IpAddr {
        match self {
            Self::All => [0; 4].into(),
            Self::AllV6 => Ipv6Addr::UNSPECIFIED.into(),
            Self::One(address, family) => address.of(family),
            Self::Mapped(Address(ip)) => ip.to_ipv6_mapped().into(),
        }
    }
}

pub(super) fn listener(rule: Option<Rule>) -> ListenerRule {
    match rule {
        None => ListenerRule::NotRequired,
        Some(Rule::OnPort) => ListenerRule::OnPort,
        Some(Rule::At(bound)) => ListenerRule::At(bound.ip()),
    }
}

impl Offered {
    pub(super) fn texts(&self) -> Texts {
        match self.protocol {
            Protocol::Stock | Protocol::StillStock => Texts::STOCK,
            Protocol::Beside => Texts::BESIDE,
            Protocol::Short => Texts::SHORT,
        }
    }

    pub(super) fn offer(&self) -> Offer {
        let allow = |(Address(ip), bits)| Ipv4Net::new(ip, bits % 33).expect("up to 32 bits");
        let advertise = |(address, family): (Address, _)| Advertise::Address(address.of(family));
        Offer {
            codec: self.texts().codec(),
            service_port: self.port.of_a_service(),
            advertise: self.advertise.map_or(Advertise::Auto, advertise),
            bound: self.bound.map(|address| address.0.into()),
            policy: self.policy.into(),
            allow: self.allow.map(allow).map(IpNet::V4).into_iter().collect(),
            listener: listener(self.listener),
            families: Families::V4,
            name: self.has_name.then(|| "Workshop".into()),
            publication: None,
        }
    }

    /// The same on this many ports one after another.
    pub(super) fn offers(&self, ports: u8) -> impl Iterator<Item = Offer> {
        let first = self.offer();
        (0..u16::from(ports)).map(move |nth| {
            let service_port = Some(first.port() + nth);
            Offer { service_port, ..first.clone() }
        })
    }
}
