//! What is known of a server.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::time::Duration;

use ipnet::IpNet;

use crate::config::may_be_a_host;
use crate::limits;
use crate::wire::{Family, Protocol};

/// How far the address of a server can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Trust {
    /// It is where the answer came from; nothing more is proven.
    MatchesSource,
    /// It is not where the answer came from.
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

/// A server that answered, as the engine knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerRecord {
    /// Where the service is.
    pub ip: IpAddr,
    /// The port of the service: the one that the answer names, else 8000.
    pub port: u16,
    /// Where the answer came from.
    pub source: SocketAddr,
    /// The index of the interface that the answer arrived on, where the system tells.
    pub interface: Option<u32>,
    /// The protocol of the answer.
    pub protocol: Protocol,
    /// The answer's bytes.
    pub raw: Vec<u8>,
    /// From the probe to its first answer; `None` if it cannot be told which probe was answered.
    pub rtt: Option<Duration>,
    /// How far `ip` can be believed.
    pub trust: Trust,
    /// The impossible address that the answer named, if `ip` is its source's instead.
    pub claimed: Option<IpAddr>,
    /// Whether the server runs on this host.
    pub this_host: bool,
    /// Further addresses of the server, if it runs on this host.
    pub other_addresses: Vec<IpAddr>,
}

impl ServerRecord {
    /// Where to connect to. A link-local IPv6 address has its scope.
    pub fn address(&self) -> SocketAddr {
        match self.ip {
            IpAddr::V6(ip) if ip.is_unicast_link_local() => {
                SocketAddrV6::new(ip, self.port, 0, self.interface.unwrap_or_default()).into()
            }
            ip => SocketAddr::new(ip, self.port),
        }
    }

    /// Takes the address that the answer names, replaces one that cannot be the sender's by the
    /// sender's, and marks any other that is not the sender's. `own` are this host's.
    pub(super) fn judge(&mut self, named: IpAddr, own: &[IpNet]) {
        let source = self.source.ip();
        let is_own =
            |address: IpAddr| address.is_loopback() || own.iter().any(|net| net.addr() == address);
        let from_here = is_own(source);
        let impossible = !may_be_a_host(named) || (named.is_loopback() && !from_here);
        if impossible {
            self.claimed = Some(named);
            self.ip = source;
        } else {
            self.ip = named;
            let is_senders = named == source || (from_here && is_own(named));
            // An address of another family cannot be compared with the source.
            let comparable = Family::of(named) == Family::of(source);
            if !is_senders || !comparable {
                self.trust = Trust::Unverified;
            }
        }
        self.this_host = from_here && is_own(self.ip);
    }

    /// Notes one more address of a server on this host.
    pub(super) fn add_address(&mut self, address: IpAddr) {
        let is_known = self.ip == address || self.other_addresses.contains(&address);
        if !is_known && self.other_addresses.len() < limits::OWN_ADDRESSES_MAX {
            self.other_addresses.push(address);
        }
    }
}
