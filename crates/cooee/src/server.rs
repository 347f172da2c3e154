use std::fmt;
use std::net::{IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::time::Duration;

use cooee_core::wire::Protocol;
use cooee_core::{ServerRecord, Trust};

/// A server that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Server {
    /// Where the service is.
    pub ip: IpAddr,
    /// The port of the service: the one the answer names, else [`crate::DEFAULT_SERVICE_PORT`].
    pub port: u16,
    /// Where the answer came from.
    pub source: SocketAddr,
    /// The name of the interface that the answer arrived on, where the system tells.
    pub interface: Option<String>,
    /// The protocol of the answer.
    pub protocol: Protocol,
    /// The answer's bytes.
    pub raw: Vec<u8>,
    /// From the probe to its first answer; `None` if it cannot be told which probe was answered.
    pub rtt: Option<Duration>,
    /// How far `ip` can be believed.
    pub trust: Trust,
    /// The impossible address that the answer named, such as `127.0.0.1` from another host, if
    /// `ip` is the answer's source instead.
    pub claimed: Option<IpAddr>,
    /// Whether the server runs on this host.
    pub this_host: bool,
    /// Every address that it was found at, `ip` first.
    pub addresses: Vec<IpAddr>,
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
        let mut addresses = vec![server.ip];
        addresses.extend(server.other_addresses);
        Self {
            ip: server.ip,
            port: server.port,
            source: server.source,
            interface,
            protocol: server.protocol,
            raw: server.raw,
            rtt: server.rtt,
            trust: server.trust,
            claimed: server.claimed,
            this_host: server.this_host,
            addresses,
            routed,
            scope,
        }
    }

    /// Where to connect to. A link-local IPv6 address has its scope.
    pub fn address(&self) -> SocketAddr {
        match self.ip {
            IpAddr::V4(ip) => SocketAddrV4::new(ip, self.port).into(),
            IpAddr::V6(ip) => SocketAddrV6::new(ip, self.port, 0, self.scope).into(),
        }
    }

    /// The service as an `http` URL, such as `http://192.0.2.7:8000/`.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address())
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
