//! An address as it is kept.

use std::fmt;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::str::FromStr;

use cooee::interface::Interface;
use serde::{Deserialize, Serialize};

/// An address and a port, such as `192.0.2.7:9999` or `[fe80::7%eth0]:9999`. The interface of a
/// link-local address is kept by its name, since the system numbers interfaces anew at every start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Address {
    ip: IpAddr,
    port: u16,
    /// The name of the interface, for link-local addresses of IPv6 only.
    zone: Option<String>,
}

impl Address {
    /// None of a link-local address on an interface that is gone.
    pub(super) fn new(address: SocketAddr, interfaces: &[Interface]) -> Option<Self> {
        let (ip, port) = (address.ip(), address.port());
        let zone = match address {
            SocketAddr::V6(address) if is_link_local(ip) => {
                let is_it = |interface: &&Interface| interface.index == address.scope_id();
                Some(interfaces.iter().find(is_it)?.name.clone())
            }
            _ => None,
        };
        Some(Self { ip, port, zone })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Where to send to; `None` while there is no interface of that name.
    pub(super) fn resolve(&self, interfaces: &[Interface]) -> Option<SocketAddr> {
        match (self.ip, &self.zone) {
            (IpAddr::V6(ip), Some(zone)) => {
                let scope = interfaces.iter().find(|interface| interface.name == *zone)?.index;
                Some(SocketAddrV6::new(ip, self.port, 0, scope).into())
            }
            (ip, _) => Some(SocketAddr::new(ip, self.port)),
        }
    }
}

fn is_link_local(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.zone {
            Some(zone) => write!(f, "[{}%{zone}]:{}", self.ip, self.port),
            None => write!(f, "{}", SocketAddr::new(self.ip, self.port)),
        }
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no address with a port");
        let (plain, zone) = match text.split_once('%') {
            None => (text.to_owned(), None),
            Some((ip, rest)) => {
                let (zone, port) = rest.rsplit_once("]:").ok_or_else(wrong)?;
                (format!("{ip}]:{port}"), Some(zone.to_owned()))
            }
        };
        let address: SocketAddr = plain.parse().map_err(|_| wrong())?;
        let (ip, port) = (address.ip(), address.port());
        let is_whole = match &zone {
            Some(zone) => !zone.is_empty() && is_link_local(ip),
            None => !is_link_local(ip),
        };
        if is_whole { Ok(Self { ip, port, zone }) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cooee::interface::{InterfaceRole, LinkKind, LinkState};

    fn interface(index: u32, name: &str) -> Interface {
        Interface {
            index,
            name: name.into(),
            addresses: Vec::new(),
            kind: LinkKind::Broadcast,
            state: LinkState::Up,
            role: InterfaceRole::Ordinary,
        }
    }

    #[test]
    fn a_link_local_address_follows_its_interface_by_name() {
        let heard = SocketAddrV6::new("fe80::7".parse().unwrap(), 9999, 0, 3).into();
        let address = Address::new(heard, &[interface(2, "eth0"), interface(3, "eth1")]).unwrap();
        assert_eq!(address.to_string(), "[fe80::7%eth1]:9999");
        assert_eq!(address.to_string().parse(), Ok(address.clone()));
        let later = address.resolve(&[interface(2, "eth1"), interface(3, "eth0")]).unwrap();
        assert_eq!(later.to_string(), "[fe80::7%2]:9999");
        assert_eq!(address.resolve(&[interface(3, "eth0")]), None);
        assert_eq!(Address::new(heard, &[interface(2, "eth0")]), None);
    }

    #[test]
    fn other_addresses_have_no_zone() {
        for text in ["192.0.2.7:9999", "[2001:db8::7]:9998"] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
            let resolved = address.resolve(&[]).unwrap();
            assert_eq!(resolved.to_string(), text);
            assert_eq!(Address::new(resolved, &[]), Some(address));
        }
        for wrong in [
            "",
            "192.0.2.7",
            "[fe80::7]:9999",
            "[fe80::7%]:9999",
            "[2001:db8::7%eth0]:9999",
            "192.0.2.7%eth0]:9999",
            "[fe80::7%eth0]:x",
            "[fe80::7%eth0",
        ] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
    }
}
