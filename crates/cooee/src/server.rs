use std::fmt;
use std::net::{IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::time::Duration;

use cooee_core::wire::Protocol;
use cooee_core::{ServerRecord, Trust, Via};

/// The scheme of a service's URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    /// The scheme that a service on `port` probably speaks: `https` on 443 and 8443, else `http`.
    pub fn guess(port: u16) -> Self {
        match port {
            443 | 8443 => Self::Https,
            _ => Self::Http,
        }
    }

    /// `http` or `https`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A server that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Server {
    /// The address of the service.
    pub ip: IpAddr,
    /// The port of the service: the one the answer names, else [`crate::DEFAULT_SERVICE_PORT`].
    pub port: u16,
    /// Where the answer came from.
    pub source: SocketAddr,
    /// The name of the interface that the answer arrived on, if the system reports it.
    pub interface: Option<String>,
    /// The protocol of the answer.
    pub protocol: Protocol,
    /// How it was found.
    pub via: Via,
    /// The answer's bytes.
    pub raw: Vec<u8>,
    /// The time from the probe to its first answer; `None` if it is not clear which probe was
    /// answered.
    pub rtt: Option<Duration>,
    /// How far to believe `ip`.
    pub trust: Trust,
    /// The impossible address that the answer named, such as `127.0.0.1` from another host. `ip` is
    /// then the address that the answer came from.
    pub claimed: Option<IpAddr>,
    /// Whether the server runs on this host.
    pub this_host: bool,
    /// Further addresses that it was found at, if it runs on this host.
    pub other_addresses: Vec<IpAddr>,
    /// Whether the system has a route to `ip`.
    pub routed: bool,
    scope: u32,
}

impl Server {
    pub(crate) fn new(server: ServerRecord, interface: Option<String>, routed: bool) -> Self {
        let scope = match server.address() {
            SocketAddr::V4(_) => 0,
            SocketAddr::V6(address) => address.scope_id(),
        };
        Self {
            ip: server.ip,
            port: server.port,
            source: server.source,
            interface,
            protocol: server.protocol,
            via: server.via,
            raw: server.raw,
            rtt: server.rtt,
            trust: server.trust,
            claimed: server.claimed,
            this_host: server.this_host,
            other_addresses: server.other_addresses,
            routed,
            scope,
        }
    }

    /// The address to connect to. A link-local IPv6 address has its scope.
    pub fn address(&self) -> SocketAddr {
        match self.ip {
            IpAddr::V4(ip) => SocketAddrV4::new(ip, self.port).into(),
            IpAddr::V6(ip) => SocketAddrV6::new(ip, self.port, 0, self.scope).into(),
        }
    }

    /// Every address that it was found at, [`ip`](Self::ip) first.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        std::iter::once(self.ip).chain(self.other_addresses.iter().copied())
    }

    /// The URL of the service, such as `http://192.0.2.7:8000/`, with the scheme that
    /// [its port suggests](Scheme::guess).
    pub fn url(&self) -> String {
        self.url_with(Scheme::guess(self.port))
    }

    /// The URL of the service with this scheme; the port is left out if it is the scheme's default.
    pub fn url_with(&self, scheme: Scheme) -> String {
        let name = scheme.as_str();
        match self.ip {
            _ if self.port != scheme.default_port() => format!("{name}://{}/", self.address()),
            IpAddr::V4(ip) => format!("{name}://{ip}/"),
            IpAddr::V6(ip) => format!("{name}://[{ip}]/"),
        }
    }

    /// The answer as text; bytes that are not UTF-8 are replaced.
    pub fn raw_text(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }
}

/// The address, such as `192.0.2.7:8000`.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ip: &str, port: u16) -> Server {
        let ip = ip.parse().unwrap();
        Server {
            ip,
            port,
            source: SocketAddr::new(ip, 9999),
            interface: None,
            protocol: Protocol::Classic,
            via: Via::Broadcast,
            raw: Vec::new(),
            rtt: None,
            trust: Trust::MatchesSource,
            claimed: None,
            this_host: false,
            other_addresses: Vec::new(),
            routed: true,
            scope: 0,
        }
    }

    #[test]
    fn a_url_has_the_scheme_that_the_port_suggests_and_no_default_port() {
        for (ip, port, url) in [
            ("10.0.0.1", 8000, "http://10.0.0.1:8000/"),
            ("10.0.0.1", 80, "http://10.0.0.1/"),
            ("10.0.0.1", 443, "https://10.0.0.1/"),
            ("10.0.0.1", 8443, "https://10.0.0.1:8443/"),
            ("fe80::1", 443, "https://[fe80::1]/"),
            ("fe80::1", 8000, "http://[fe80::1]:8000/"),
        ] {
            assert_eq!(at(ip, port).url(), url);
        }
    }

    #[test]
    fn a_given_scheme_decides_which_port_is_left_out() {
        assert_eq!(at("10.0.0.1", 8000).url_with(Scheme::Https), "https://10.0.0.1:8000/");
        assert_eq!(at("10.0.0.1", 443).url_with(Scheme::Http), "http://10.0.0.1:443/");
    }
}
