use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::str::FromStr;

use thiserror::Error;

/// A host to probe directly: an address or a name, and a port if it is not that of the discovery.
///
/// Made from an address, or parsed from text: `192.0.2.7`, `192.0.2.7:9999`, `[2001:db8::7]:9999`,
/// `fe80::7%eth0`, `[fe80::7%eth0]:9999`, `workshop` or `workshop.example:9999`. A link-local IPv6
/// address needs its zone (RFC 4007 section 11): the name of an interface of this host, or its index.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostAddress {
    place: Place,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Place {
    /// An address, and the zone of a link-local IPv6 address.
    Address(IpAddr, Option<Zone>),
    Name(String),
}

/// An interface, as it was named.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Zone {
    text: String,
    index: u32,
}

/// Why a text names no host.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HostError {
    /// It looks like no host.
    #[error("{text:?} is neither an address nor the name of a host, with a port or without")]
    Malformed {
        /// The text.
        text: String,
    },
    /// A link-local IPv6 address without the interface on whose link it is.
    #[error("{address} is link-local; add the interface that leads there, as in {address}%eth0")]
    NoZone {
        /// The address.
        address: Ipv6Addr,
    },
    /// This host has no interface of that name.
    #[error("no interface is called {zone:?}; `cooee interfaces` lists those of this host")]
    NoSuchZone {
        /// What follows the `%`.
        zone: String,
    },
}

impl HostAddress {
    /// The port, if one was given.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Where to send probes: the address, with `port` if it has none; `None` for a name.
    pub fn address(&self, port: u16) -> Option<SocketAddr> {
        let port = self.port.unwrap_or(port);
        match self.place {
            Place::Address(IpAddr::V4(ip), _) => Some(SocketAddrV4::new(ip, port).into()),
            Place::Address(IpAddr::V6(ip), ref zone) => {
                let scope = zone.as_ref().map_or(0, |zone| zone.index);
                Some(SocketAddrV6::new(ip, port, 0, scope).into())
            }
            Place::Name(_) => None,
        }
    }

    /// The name to look up and the port, which is `port` if none is given; `None` for an address.
    pub fn name(&self, port: u16) -> Option<(&str, u16)> {
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
            (Place::Address(ip, zone), port) => {
                let zone = zone.as_ref().map(|zone| format!("%{}", zone.text)).unwrap_or_default();
                match port {
                    None => write!(f, "{ip}{zone}"),
                    Some(port) if ip.is_ipv6() => write!(f, "[{ip}{zone}]:{port}"),
                    Some(port) => write!(f, "{ip}:{port}"),
                }
            }
            (Place::Name(name), None) => f.write_str(name),
            (Place::Name(name), Some(port)) => write!(f, "{name}:{port}"),
        }
    }
}

impl FromStr for HostAddress {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let wrong = || HostError::Malformed { text: text.to_owned() };
        if let Some((ip, zone, port)) = split_address(text) {
            if port == Some(0) {
                return Err(wrong());
            }
            return Ok(Self { place: Place::Address(ip, zone_of(ip, zone, &wrong)?), port });
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

/// The address, what follows its `%`, and the port; `None` if it is no address.
fn split_address(text: &str) -> Option<(IpAddr, Option<&str>, Option<u16>)> {
    if let Ok(SocketAddr::V4(address)) = text.parse() {
        return Some((IpAddr::V4(*address.ip()), None, Some(address.port())));
    }
    let (ip, port) = match text.strip_prefix('[') {
        None => (text, None),
        Some(rest) => {
            let (ip, port) = rest.rsplit_once("]:")?;
            let port = Some(port).filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
            (ip, Some(port?.parse().ok()?))
        }
    };
    let (ip, zone) = match ip.split_once('%') {
        None => (ip, None),
        Some((ip, zone)) => (ip, Some(zone)),
    };
    let ip: IpAddr = ip.parse().ok()?;
    let fits = ip.is_ipv6() || (zone.is_none() && port.is_none());
    fits.then_some((ip, zone, port))
}

/// The interface that the zone names, by its index or else by its name.
fn zone_of(
    ip: IpAddr,
    zone: Option<&str>,
    wrong: &impl Fn() -> HostError,
) -> Result<Option<Zone>, HostError> {
    let link_local = match ip {
        IpAddr::V6(ip) if ip.is_unicast_link_local() => Some(ip),
        _ => None,
    };
    match (link_local, zone) {
        (None, None) => Ok(None),
        (Some(address), None) => Err(HostError::NoZone { address }),
        // Only an address that is in use on more than one link has a zone.
        (None, Some(_)) | (_, Some("")) => Err(wrong()),
        (Some(_), Some(text)) => {
            let index = text.parse().ok().filter(|&index| index > 0).or_else(|| index_of(text));
            let index = index.ok_or_else(|| HostError::NoSuchZone { zone: text.to_owned() })?;
            Ok(Some(Zone { text: text.to_owned(), index }))
        }
    }
}

fn index_of(name: &str) -> Option<u32> {
    let interfaces = cooee_udp::interfaces().unwrap_or_default();
    interfaces.iter().find(|interface| interface.name == name).map(|interface| interface.index)
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
        Self { place: Place::Address(ip, None), port: None }
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
        let zone = match address {
            SocketAddr::V6(address) if address.scope_id() != 0 => {
                let index = address.scope_id();
                Some(Zone { text: index.to_string(), index })
            }
            _ => None,
        };
        Self { place: Place::Address(address.ip(), zone), port: Some(address.port()) }
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
            "[::1]:0",
            "[192.0.2.7]:9999",
            "192.0.2.7%1",
            "2001:db8::7%1",
            "fe80::7%",
            "[fe80::7%1]",
        ] {
            assert!(text.parse::<HostAddress>().is_err(), "{text}");
        }
    }
    #[test]
    fn a_link_local_address_has_its_zone_by_number_or_by_name() {
        let interfaces = cooee_udp::interfaces().unwrap();
        let first = interfaces.first().expect("loopback");
        for zone in [first.name.clone(), first.index.to_string()] {
            for (text, port) in [(format!("fe80::7%{zone}"), 1), (format!("[fe80::7%{zone}]:2"), 2)]
            {
                let host: HostAddress = text.parse().expect(&text);
                assert_eq!(host.to_string(), text);
                let address = SocketAddrV6::new("fe80::7".parse().unwrap(), port, 0, first.index);
                assert_eq!(host.address(1), Some(address.into()));
            }
        }
        let why = |text: &str| text.parse::<HostAddress>().unwrap_err().to_string();
        for text in ["fe80::7", "[fe80::7]:9999"] {
            assert!(why(text).ends_with("add the interface that leads there, as in fe80::7%eth0"));
        }
        assert!(why("fe80::7%nowhere0").starts_with("no interface is called \"nowhere0\""));
    }
}
