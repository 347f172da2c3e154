//! What is known of a server.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::time::Duration;

use super::named::Named;
use super::via::Via;
use crate::address::may_be_a_host;
use crate::limits;
use crate::wire::Protocol;

/// Whether the address of a server is confirmed by the source of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Trust {
    /// The address is the source of the answer. Nothing more is proven.
    MatchesSource,
    /// The address is not the source of the answer.
    Unverified,
}

impl Trust {
    /// `none` or `unverified`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MatchesSource => "none",
            Self::Unverified => "unverified",
        }
    }
}

/// An answer that was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer<'a> {
    pub(super) judged: Judged,
    /// The IPv4 address that an answer over IPv6 names besides.
    pub(super) beside: Option<Beside>,
    pub(super) port: u16,
    pub(super) source: SocketAddr,
    pub(super) interface: Option<u32>,
    pub(super) protocol: Protocol,
    pub(super) raw: &'a [u8],
}

/// An address of the same server in the other family, as it says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside {
    pub(super) address: IpAddr,
    /// Whether it is on the link or was called itself, so that it has probably been reached too.
    pub(super) is_awaited: bool,
}

/// What to make of the address that an answer names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged {
    pub(super) ip: IpAddr,
    pub(super) trust: Trust,
    pub(super) claimed: Option<IpAddr>,
    pub(super) this_host: bool,
}

impl Judged {
    /// Takes the address that the answer names, replaces one that cannot be the sender's by the
    /// sender's, and marks any other that is not the sender's. `is_own` tells this host's.
    pub(super) fn new(named: IpAddr, source: IpAddr, is_own: impl Fn(IpAddr) -> bool) -> Self {
        let from_here = is_own(source);
        if !may_be_a_host(named) || (named.is_loopback() && !from_here) {
            let (trust, claimed) = (Trust::MatchesSource, Some(named));
            return Self { ip: source, trust, claimed, this_host: from_here };
        }
        let is_here = from_here && is_own(named);
        let trust =
            if named == source || is_here { Trust::MatchesSource } else { Trust::Unverified };
        Self { ip: named, trust, claimed: None, this_host: is_here }
    }
}

/// A server that answered or was announced, as the engine knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerRecord {
    /// The address of the service.
    pub ip: IpAddr,
    /// The port of the service: the one that the answer names, else 8000.
    pub port: u16,
    /// The source of the answer.
    pub source: SocketAddr,
    /// The index of the interface that the answer arrived on, if the system reports it.
    pub interface: Option<u32>,
    /// The protocol of the answer.
    pub protocol: Protocol,
    /// How it was found.
    pub via: Via,
    /// The answer's bytes.
    pub raw: Vec<u8>,
    /// The time from a probe to its first answer; `None` if it is not clear which probe was answered.
    pub rtt: Option<Duration>,
    /// Whether `ip` is the source of the answer.
    pub trust: Trust,
    /// The impossible address that the answer named, where `ip` is the source instead.
    pub claimed: Option<IpAddr>,
    /// Whether the server runs on this host.
    pub this_host: bool,
    /// Further addresses that the server was found at: those of this host, if it runs here, and those
    /// of the other family.
    pub other_addresses: Vec<IpAddr>,
    /// The address of the other family that its answer names, whether or not it is heard there.
    pub(crate) named_beside: Option<IpAddr>,
    /// What DNS-SD says of it, if it does.
    pub named: Option<Box<Named>>,
}

impl ServerRecord {
    /// Every address that it was found at, [`ip`](Self::ip) first.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        std::iter::once(self.ip).chain(self.other_addresses.iter().copied())
    }

    /// The socket address of the service. A link-local IPv6 address has its scope.
    pub fn address(&self) -> SocketAddr {
        match self.ip {
            IpAddr::V6(ip) if ip.is_unicast_link_local() => {
                SocketAddrV6::new(ip, self.port, 0, self.interface.unwrap_or_default()).into()
            }
            ip => SocketAddr::new(ip, self.port),
        }
    }

    /// A server of which nothing was known before this answer.
    pub(super) fn new(answer: &Answer<'_>, via: Via) -> Self {
        let Judged { ip, trust, claimed, this_host } = answer.judged;
        Self {
            ip,
            port: answer.port,
            source: answer.source,
            interface: answer.interface,
            protocol: answer.protocol,
            via,
            raw: answer.raw.to_vec(),
            rtt: None,
            trust,
            claimed,
            this_host,
            other_addresses: Vec::new(),
            named_beside: answer.beside.map(|beside| beside.address),
            named: None,
        }
    }

    /// Whether its address is that of a host that was named, and answered.
    pub(super) fn was_named(&self) -> bool {
        self.trust == Trust::MatchesSource && self.via == Via::Host
    }

    /// Notes one more address that the server was found at.
    pub(super) fn add_address(&mut self, address: IpAddr) {
        let is_known = self.ip == address || self.other_addresses.contains(&address);
        if !is_known && self.other_addresses.len() < limits::OWN_ADDRESSES_MAX {
            self.other_addresses.push(address);
        }
    }
}
