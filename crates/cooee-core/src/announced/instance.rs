use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use super::error::AnnouncedError;
use super::service_type::ServiceType;
use super::txt::Txt;
use crate::address::may_be_a_host;
use crate::limits;

/// Validates the name of an instance that is to be published, such as `Workshop`.
///
/// # Errors
/// The name is empty, longer than a label, or has control characters.
///
/// Source: RFC 6763 section 4.1.1.
pub fn check_instance_name(name: &str) -> Result<(), AnnouncedError> {
    match name.len() {
        0 => Err(AnnouncedError::NameEmpty),
        length if length > limits::NAME_MAX => Err(AnnouncedError::NameTooLong { length }),
        _ if name.contains(char::is_control) => {
            Err(AnnouncedError::NameHasControl { name: name.into() })
        }
        _ => Ok(()),
    }
}

/// The name of the instance out of a full name such as `Dr. Who._http._tcp.local.`, whose labels are joined
/// by dots as they are; `None` if it is of another type.
pub fn instance_in<'a>(full_name: &'a str, service: &ServiceType) -> Option<&'a str> {
    let domain = service.domain();
    let at = full_name.len().checked_sub(domain.len() + 1)?;
    let (instance, rest) = full_name.split_at_checked(at)?;
    let is_of_type = rest.strip_prefix('.')?.eq_ignore_ascii_case(&domain);
    (is_of_type && !instance.is_empty()).then_some(instance)
}

/// What makes two announcements those of one instance: its name, whose ASCII letters count without
/// their case (RFC 6762 section 16), and its type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AnnouncedKey {
    folded: String,
    service: ServiceType,
}

impl AnnouncedKey {
    /// That of the instance of this name and type.
    pub fn new(instance: &str, service: ServiceType) -> Self {
        Self { folded: instance.to_ascii_lowercase(), service }
    }

    /// Its type.
    pub(crate) fn service(&self) -> &ServiceType {
        &self.service
    }
}

/// An address of an instance, and where it is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AnnouncedAddress {
    /// The address.
    pub ip: IpAddr,
    /// The index of the interface that it was heard on; `None` where that is not known.
    pub interface: Option<u32>,
}

impl AnnouncedAddress {
    /// The socket address with this port. A link-local IPv6 address has its scope.
    pub fn with_port(self, port: u16) -> SocketAddr {
        match self.ip {
            IpAddr::V6(ip) if ip.is_unicast_link_local() => {
                SocketAddrV6::new(ip, port, 0, self.interface.unwrap_or_default()).into()
            }
            ip => SocketAddr::new(ip, port),
        }
    }
}

/// One instance of a service, as DNS-SD tells of it.
///
/// Anybody on the link can announce anything: a hint, like every address that a discovery finds. The
/// texts are a stranger's; [`shown`](super::shown) makes them harmless to print.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Announced {
    /// Its name, unescaped: `Workshop`.
    pub instance: String,
    /// Its type.
    pub service: ServiceType,
    /// The host that it runs on, without a dot at the end: `workshop.local`.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The addresses of the host, in order.
    pub addresses: Vec<AnnouncedAddress>,
    /// What it says of itself.
    pub txt: Txt,
}

impl Announced {
    /// The most bytes of a host's name (RFC 1035 section 2.3.4).
    const HOST_MAX: usize = 255;

    /// An instance without an address yet.
    pub fn new(
        instance: impl Into<String>,
        service: ServiceType,
        host: impl Into<String>,
        port: u16,
    ) -> Self {
        let mut host = host.into();
        if host.ends_with('.') {
            host.pop();
        }
        Self {
            instance: instance.into(),
            service,
            host,
            port,
            addresses: Vec::new(),
            txt: Txt::new(),
        }
    }

    /// The same with these addresses: those that a host can have, in order, each once, and no more
    /// than [`limits::ANNOUNCED_ADDRESSES_MAX`]. Loopback addresses are left out, since they are another
    /// host's to its own.
    #[must_use]
    pub fn with_addresses(mut self, addresses: impl IntoIterator<Item = AnnouncedAddress>) -> Self {
        let reachable =
            |address: &AnnouncedAddress| may_be_a_host(address.ip) && !address.ip.is_loopback();
        self.addresses = addresses.into_iter().filter(reachable).collect();
        self.addresses.sort_unstable();
        self.addresses.dedup();
        self.addresses.truncate(limits::ANNOUNCED_ADDRESSES_MAX);
        self
    }

    /// The same with this record.
    #[must_use]
    pub fn with_txt(self, txt: Txt) -> Self {
        Self { txt, ..self }
    }

    /// What makes it this instance.
    pub fn key(&self) -> AnnouncedKey {
        AnnouncedKey::new(&self.instance, self.service.clone())
    }

    /// Where it can be connected to.
    pub fn socket_addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.addresses.iter().map(|address| address.with_port(self.port))
    }

    /// Whether it is what a name and a host can be, and can be connected to.
    pub(super) fn is_sound(&self) -> bool {
        (1..=limits::NAME_MAX).contains(&self.instance.len())
            && (1..=Self::HOST_MAX).contains(&self.host.len())
            && self.port != 0
            && !self.addresses.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ip: &str, interface: u32) -> AnnouncedAddress {
        AnnouncedAddress { ip: ip.parse().unwrap(), interface: Some(interface) }
    }

    #[test]
    fn names_that_may_be_published_are_labels_without_control_characters() {
        assert_eq!(check_instance_name("Ärzte Büro. 2"), Ok(()));
        assert_eq!(check_instance_name(""), Err(AnnouncedError::NameEmpty));
        let long = "ä".repeat(32);
        assert_eq!(check_instance_name(&long), Err(AnnouncedError::NameTooLong { length: 64 }));
        assert!(check_instance_name("a\x1bb").is_err());
    }

    #[test]
    fn an_instance_is_what_stands_before_the_type() {
        let in_http = |name| instance_in(name, &ServiceType::http());
        assert_eq!(in_http("Dr. Who._http._tcp.local."), Some("Dr. Who"));
        assert_eq!(in_http("Ä._HTTP._tcp.Local."), Some("Ä"));
        for other in [
            "",
            "._http._tcp.local.",
            "_http._tcp.local.",
            "A._ipp._tcp.local.",
            "ä_http._tcp.local.",
        ] {
            assert_eq!(in_http(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_link_local_address_keeps_its_scope() {
        let announced = Announced::new("W", ServiceType::http(), "w.local.", 8000)
            .with_addresses([at("fe80::1", 3), at("fe80::1", 2), at("192.0.2.1", 2), at("::", 2)]);
        let addresses: Vec<_> = announced.socket_addresses().map(|it| it.to_string()).collect();
        assert_eq!(addresses, ["192.0.2.1:8000", "[fe80::1%2]:8000", "[fe80::1%3]:8000"]);
        assert_eq!(announced.host, "w.local");
    }

    #[test]
    fn addresses_are_bounded_and_others_than_a_hosts_left_out() {
        let many = (0..200).map(|n| at(&format!("10.0.0.{n}"), 1));
        let odd =
            [at("127.0.0.1", 1), at("255.255.255.255", 1), at("224.0.0.251", 1), at("::1", 1)];
        let announced = Announced::new("W", ServiceType::http(), "w.local", 1);
        let announced = announced.with_addresses(odd.into_iter().chain(many));
        assert_eq!(announced.addresses.len(), limits::ANNOUNCED_ADDRESSES_MAX);
        assert!(announced.addresses.iter().all(|it| it.ip.to_string().starts_with("10.")));
        let none = Announced::new("W", ServiceType::http(), "w.local", 1).with_addresses(odd);
        assert!(!none.is_sound());
    }
}
