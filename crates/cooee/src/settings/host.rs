use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::str::FromStr;

use thiserror::Error;

/// A host to probe directly: an address or a name, and a port if it is not that of the discovery.
///
/// Made from an address, or parsed from text: `192.0.2.7`, `192.0.2.7:9999`, `[2001:db8::7]:9999`,
/// `workshop` or `workshop.example:9999`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostAddress {
    place: Place,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Place {
    /// An address, and the scope of a link-local IPv6 address.
    Address(IpAddr, u32),
    Name(String),
}

/// Why a text names no host.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text:?} is neither an address nor the name of a host, with a port or without")]
pub struct HostError {
    /// The text.
    pub text: String,
}

impl HostAddress {
    /// Where to send probes: the address, with `port` if it has none; `None` for a name.
    pub(crate) fn address(&self, port: u16) -> Option<SocketAddr> {
        let port = self.port.unwrap_or(port);
        match self.place {
            Place::Address(IpAddr::V4(ip), _) => Some(SocketAddrV4::new(ip, port).into()),
            Place::Address(IpAddr::V6(ip), scope) => {
                Some(SocketAddrV6::new(ip, port, 0, scope).into())
            }
            Place::Name(_) => None,
        }
    }

    /// The name to look up and the port, which is `port` if none is given; `None` for an address.
    pub(crate) fn name(&self, port: u16) -> Option<(&str, u16)> {
        match &self.place {
            Place::Name(name) => Some((name, self.port.unwrap_or(port))),
            Place::Address(..) => None,
        }
    }
}

/// The address or the name, and the port if one is given.
impl fmt::Display for HostAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.place, self.port) {
            (Place::Address(ip, _), None) => ip.fmt(f),
            (Place::Name(name), None) => f.write_str(name),
            (Place::Name(name), Some(port)) => write!(f, "{name}:{port}"),
            (Place::Address(..), Some(port)) => match self.address(port) {
                Some(address) => address.fmt(f),
                None => Ok(()),
            },
        }
    }
}

impl FromStr for HostAddress {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let wrong = || HostError { text: text.to_owned() };
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Ok(ip.into());
        }
        if let Ok(address) = text.parse::<SocketAddr>() {
            return if address.port() == 0 { Err(wrong()) } else { Ok(address.into()) };
        }
        let (name, port) = match text.rsplit_once(':') {
            None => (text, None),
            Some((name, port)) => {
                let port = port.parse().ok().filter(|&port: &u16| port > 0);
                (name, Some(port.ok_or_else(wrong)?))
            }
        };
        if !is_name(name) {
            return Err(wrong());
        }
        Ok(Self { place: Place::Name(name.to_owned()), port })
    }
}

/// Whether it can be the name of a host (RFC 1123 section 2.1), with the underscores that some have.
/// What ends in a number is an address that is written wrongly.
fn is_name(text: &str) -> bool {
    const LONGEST: usize = 253;
    let text = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len())
            && label.bytes().all(is_inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= LONGEST
        && text.split('.').all(is_label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

impl From<IpAddr> for HostAddress {
    fn from(ip: IpAddr) -> Self {
        Self { place: Place::Address(ip, 0), port: None }
    }
}

impl From<[u8; 4]> for HostAddress {
    fn from(octets: [u8; 4]) -> Self {
        IpAddr::from(octets).into()
    }
}

impl From<Ipv4Addr> for HostAddress {
    fn from(ip: Ipv4Addr) -> Self {
        IpAddr::V4(ip).into()
    }
}

impl From<Ipv6Addr> for HostAddress {
    fn from(ip: Ipv6Addr) -> Self {
        IpAddr::V6(ip).into()
    }
}

impl From<SocketAddr> for HostAddress {
    fn from(address: SocketAddr) -> Self {
        let scope = match address {
            SocketAddr::V4(_) => 0,
            SocketAddr::V6(address) => address.scope_id(),
        };
        Self { place: Place::Address(address.ip(), scope), port: Some(address.port()) }
    }
}

impl From<SocketAddrV4> for HostAddress {
    fn from(address: SocketAddrV4) -> Self {
        SocketAddr::V4(address).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_with_ports_and_without() {
        for text in [
            "192.0.2.7",
            "192.0.2.7:9998",
            "2001:db8::7",
            "[2001:db8::7]:9998",
            "workshop",
            "workshop.example:9998",
            "my_printer.local",
            "7up.example.",
        ] {
            let host: HostAddress = text.parse().expect(text);
            assert_eq!(host.to_string(), text);
            assert_eq!(host.address(1).is_some(), host.name(1).is_none());
        }
        for text in [
            "",
            "10.0.0",
            "300.1.1.1",
            "workshop:0",
            "workshop:x",
            "a b",
            "-a",
            "a..b",
            "[::1",
            "10/8",
        ] {
            assert!(text.parse::<HostAddress>().is_err(), "{text}");
        }
    }
}
