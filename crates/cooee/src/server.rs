use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use cooee_core::Trust;

/// The protocol that a server answered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// The stock text protocol.
    Classic,
}

impl Protocol {
    /// `classic`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classic => "classic",
        }
    }
}

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
    /// From the latest probe to the first answer.
    pub rtt: Duration,
    /// How far `ip` can be believed.
    pub trust: Trust,
    /// The impossible address that the answer named, such as `127.0.0.1` from another host, if
    /// `ip` is the answer's source instead.
    pub claimed: Option<IpAddr>,
}

impl Server {
    pub(crate) fn new(server: cooee_core::Server, interface: Option<String>) -> Self {
        Self {
            ip: server.ip,
            port: server.port,
            source: server.source,
            interface,
            protocol: Protocol::Classic,
            raw: server.raw,
            rtt: server.rtt,
            trust: server.trust,
            claimed: server.claimed,
        }
    }

    /// Where to connect to.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.ip, self.port)
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
