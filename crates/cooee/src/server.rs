use std::fmt::{self, Write as _};
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::time::Duration;

use cooee_core::wire::Protocol;
use cooee_core::{CheckState, Checked, Named, Reach, ServerRecord, Trust, Via};

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

    /// The URL at `address`. If that is link-local, it is on the link of `interface`, or else of the
    /// address's scope (RFC 6874).
    fn url_of(self, address: SocketAddr, interface: Option<&str>) -> String {
        let mut url = String::with_capacity("https://255.255.255.255:65535/".len());
        url.push_str(self.as_str());
        url.push_str("://");
        // Writing to memory does not fail.
        let _ = match address {
            // A client prints thousands, and a formatter takes a tenth of what each of them takes.
            SocketAddr::V4(address) => {
                let mut digits = itoa::Buffer::new();
                for (at, octet) in address.ip().octets().into_iter().enumerate() {
                    url.push_str(if at == 0 { "" } else { "." });
                    url.push_str(digits.format(octet));
                }
                Ok(())
            }
            SocketAddr::V6(address) => {
                let is_link_local = address.ip().is_unicast_link_local();
                match (address.scope_id(), interface) {
                    (_, Some(interface)) if is_link_local => {
                        write!(url, "[{}%25{interface}]", address.ip())
                    }
                    (scope, None) if is_link_local && scope != 0 => {
                        write!(url, "[{}%25{scope}]", address.ip())
                    }
                    _ => write!(url, "[{}]", address.ip()),
                }
            }
        };
        if address.port() != self.default_port() {
            url.push(':');
            url.push_str(itoa::Buffer::new().format(address.port()));
        }
        url.push('/');
        url
    }
}

/// A server that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Server {
    /// The address of the service, as the answer names it. The one to connect to is
    /// [`address`](Self::address), which may be another.
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
    /// Further addresses that it was found at: those of this host, if it runs here, and those of the
    /// other family.
    pub other_addresses: Vec<IpAddr>,
    /// Whether the system has a route to `ip`.
    pub routed: bool,
    /// How this host gets to `ip`.
    pub reach: Reach,
    /// Whether its addresses accept connections: those that do first, the fastest of them at the
    /// top. Empty without [`Discovery::check`](crate::Discovery::check).
    pub checked: Vec<Checked>,
    /// What DNS-SD says of it, if it is announced: its name, host, services and TXT record.
    pub named: Option<Box<Named>>,
    /// The index of the interface, which is the scope of a link-local address.
    scope: u32,
}

impl Server {
    pub(crate) fn new(server: ServerRecord, interface: Option<String>, reach: Reach) -> Self {
        let scope = server.interface.unwrap_or_default();
        Self {
            named: server.named,
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
            routed: reach != Reach::Nowhere,
            reach,
            checked: Vec::new(),
            scope,
        }
    }

    /// The address to connect to. A link-local IPv6 address has its scope.
    ///
    /// It is [`ip`](Self::ip), unless the answer came from another address and only the default
    /// route leads to `ip`, or none: such as `172.17.0.2`, named by a server behind network address
    /// translation. Then it is the sender's address with the port that the answer names. That may
    /// be wrong, since a translator may forward another port.
    ///
    /// Of a server that was [checked](crate::Discovery::check), it is the address that accepted a
    /// connection first, if any did.
    pub fn address(&self) -> SocketAddr {
        match self.checked.first() {
            Some(first) if first.state == CheckState::Open => first.address,
            _ if self.prefers_sender() => self.sender_address(),
            _ => self.named_address(),
        }
    }

    /// Whether it was [checked](crate::Discovery::check) and accepted a connection.
    pub fn is_live(&self) -> bool {
        self.checked.iter().any(|checked| checked.state == CheckState::Open)
    }

    /// Its name, if it is announced: a stranger's text, which [`shown`](crate::announced::shown) makes
    /// harmless to print.
    pub fn name(&self) -> Option<&str> {
        self.named.as_ref().map(|named| named.name.as_str())
    }

    /// Every address at which it may be reached, the most likely one first.
    pub(crate) fn candidates(&self) -> Vec<SocketAddr> {
        let sender = (self.trust == Trust::Unverified).then(|| self.sender_address());
        let mut candidates = vec![self.named_address()];
        if self.prefers_sender() {
            candidates.splice(0..0, sender);
        } else {
            candidates.extend(sender);
        }
        candidates.extend(self.other_addresses.iter().map(|ip| self.at(*ip)));
        candidates
    }

    /// Those of the candidates that other answers claim for this server: of the other family. They
    /// come from a host on the link, and nothing proves that it is this one.
    pub(crate) fn claims(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        let others = self.other_addresses.iter().filter(|_| !self.this_host);
        others.map(|ip| self.at(*ip))
    }

    /// [`ip`](Self::ip) and port, as the answer names them.
    pub fn named_address(&self) -> SocketAddr {
        self.at(self.ip)
    }

    /// The service at one of its addresses.
    fn at(&self, ip: IpAddr) -> SocketAddr {
        match ip {
            IpAddr::V6(ip) if ip.is_unicast_link_local() => {
                SocketAddrV6::new(ip, self.port, 0, self.scope).into()
            }
            ip => SocketAddr::new(ip, self.port),
        }
    }

    /// The address that the answer came from, with the port that it names.
    fn sender_address(&self) -> SocketAddr {
        let mut sender = self.source;
        sender.set_port(self.port);
        sender
    }

    fn prefers_sender(&self) -> bool {
        self.reach.prefers_sender(self.trust)
    }

    /// Every address that it was found at, [`ip`](Self::ip) first.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        std::iter::once(self.ip).chain(self.other_addresses.iter().copied())
    }

    /// Every address that it answered from. An IPv4 address that its answers over IPv6 name may be
    /// silent.
    pub(crate) fn heard_at(&self) -> impl Iterator<Item = IpAddr> + '_ {
        let named = (self.trust == Trust::MatchesSource).then_some(self.ip);
        let over_v6 = self.other_addresses.iter().copied().filter(IpAddr::is_ipv6);
        std::iter::once(self.source.ip()).chain(named).chain(over_v6)
    }

    /// The URL of the service, such as `http://192.0.2.7:8000/`, with the scheme that
    /// [its port suggests](Scheme::guess).
    pub fn url(&self) -> String {
        self.url_with(Scheme::guess(self.port))
    }

    /// The URL of the service with this scheme; the port is left out if it is the scheme's default.
    /// A link-local IPv6 address has the interface as its zone: `http://[fe80::1%25eth0]:8000/`
    /// (RFC 6874).
    pub fn url_with(&self, scheme: Scheme) -> String {
        scheme.url_of(self.address(), self.interface.as_deref())
    }

    /// The URL at [the address that the answer names](Self::named_address), if
    /// [`url`](Self::url) has another.
    pub fn named_url(&self) -> Option<String> {
        self.named_url_with(Scheme::guess(self.port))
    }

    /// Like [`named_url`](Self::named_url), with this scheme.
    pub fn named_url_with(&self, scheme: Scheme) -> Option<String> {
        let named = self.named_address();
        (named != self.address()).then(|| scheme.url_of(named, self.interface.as_deref()))
    }

    /// The answer as text; bytes that are not UTF-8 are replaced.
    pub fn raw_text(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }
}

/// The address to connect to, such as `192.0.2.7:8000`.
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
            reach: Reach::OnLink,
            checked: Vec::new(),
            named: None,
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
    fn a_link_local_address_has_its_zone() {
        let on = |interface: Option<&str>, port| {
            let interface = interface.map(str::to_owned);
            Server { interface, scope: 7, ..at("fe80::1", port) }
        };
        assert_eq!(on(Some("eth0"), 8000).url(), "http://[fe80::1%25eth0]:8000/");
        assert_eq!(on(Some("eth0"), 80).url(), "http://[fe80::1%25eth0]/");
        assert_eq!(on(None, 80).url(), "http://[fe80::1%257]/");
        let global = Server { ip: "2001:db8::1".parse().unwrap(), ..on(Some("eth0"), 80) };
        assert_eq!(global.url(), "http://[2001:db8::1]/");
    }

    #[test]
    fn a_given_scheme_decides_which_port_is_left_out() {
        assert_eq!(at("10.0.0.1", 8000).url_with(Scheme::Https), "https://10.0.0.1:8000/");
        assert_eq!(at("10.0.0.1", 443).url_with(Scheme::Http), "http://10.0.0.1:443/");
    }

    #[test]
    fn a_server_behind_translation_is_to_be_reached_where_its_answer_came_from() {
        let named = Server {
            source: "192.168.1.10:9999".parse().unwrap(),
            trust: Trust::Unverified,
            reach: Reach::DefaultRoute,
            ..at("172.17.0.2", 8000)
        };
        assert_eq!(named.url(), "http://192.168.1.10:8000/");
        assert_eq!(named.named_url().unwrap(), "http://172.17.0.2:8000/");
        assert_eq!(named.to_string(), "192.168.1.10:8000");

        let near = Server { reach: Reach::OnLink, ..named };
        assert_eq!(near.url(), "http://172.17.0.2:8000/");
        assert_eq!(near.named_url(), None);
    }
}
