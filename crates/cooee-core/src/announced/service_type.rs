use std::fmt;
use std::str::FromStr;

use super::error::AnnouncedError;
use crate::limits;

/// A type of service, such as `_http._tcp` (RFC 6763 section 7), in the domain `local`.
///
/// Kept in lower case, since DNS does not tell case apart. Parses `_http._tcp`, the same with
/// `.local` or `.local.`, and `http`, which means TCP.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceType {
    /// Without the underscore.
    name: String,
    is_udp: bool,
}

impl ServiceType {
    /// That by which Cooee's servers are known: `_cooee._udp`.
    pub fn cooee() -> Self {
        Self { name: "cooee".into(), is_udp: true }
    }

    /// That of web sites: `_http._tcp`.
    pub fn http() -> Self {
        Self { name: "http".into(), is_udp: false }
    }

    /// The name without underscore and protocol: `http`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is one of `_udp`, which stands for everything but TCP.
    pub fn is_udp(&self) -> bool {
        self.is_udp
    }

    /// The full name of the type: `_http._tcp.local.`.
    pub fn domain(&self) -> String {
        format!("{self}.local.")
    }

    /// Whether it may be published, which takes a name that could be registered.
    ///
    /// # Errors
    /// [`AnnouncedError::NotRegistrable`]
    ///
    /// Source: RFC 6335 section 5.1.
    pub fn check_published(&self) -> Result<(), AnnouncedError> {
        let name = &self.name;
        let is_sound = name.len() <= 15
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && name.bytes().any(|byte| byte.is_ascii_alphabetic())
            && !(name.starts_with('-') || name.ends_with('-') || name.contains("--"));
        if is_sound {
            Ok(())
        } else {
            Err(AnnouncedError::NotRegistrable { service: self.to_string() })
        }
    }
}

impl fmt::Display for ServiceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "_{}._{}", self.name, if self.is_udp { "udp" } else { "tcp" })
    }
}

impl FromStr for ServiceType {
    type Err = AnnouncedError;

    /// Takes names longer than those that may be published too, since there are such.
    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let lower = given.to_ascii_lowercase();
        let short = lower.strip_suffix('.').unwrap_or(&lower);
        let short = short.strip_suffix(".local").unwrap_or(short);
        let (name, is_udp) = match short.strip_prefix('_').and_then(|rest| rest.split_once('.')) {
            Some((name, "_tcp")) => (name, Some(false)),
            Some((name, "_udp")) => (name, Some(true)),
            Some((name, _)) => (name, None),
            // Only what is written as nothing else is a name alone.
            None => (lower.as_str(), Some(false)),
        };
        let is_label = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_sound = !name.is_empty()
            // With its underscore it is a label.
            && name.len() < limits::NAME_MAX
            && !name.starts_with('_')
            && name.bytes().all(is_label);
        match is_udp.filter(|_| is_sound) {
            Some(is_udp) => Ok(Self { name: name.into(), is_udp }),
            None => Err(AnnouncedError::ServiceType { given: given.into() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_as_people_and_dns_write_them() {
        for written in ["_http._tcp", "_HTTP._TCP", "_http._tcp.local", "_http._tcp.local.", "http"]
        {
            let service: ServiceType = written.parse().unwrap();
            assert_eq!(service, ServiceType::http());
            assert_eq!(service.to_string(), "_http._tcp");
            assert_eq!(service.domain(), "_http._tcp.local.");
        }
        assert_eq!("_cooee._udp".parse(), Ok(ServiceType::cooee()));
        assert!("_nvstream_dbd._tcp".parse::<ServiceType>().is_ok(), "there are such");
    }

    #[test]
    fn what_is_no_type_is_refused() {
        let long = format!("_{}._tcp", "x".repeat(63));
        let hostile = [
            "",
            "_",
            "_._tcp",
            "._tcp",
            "_http",
            "_http.tcp",
            "_http._sctp",
            "a b",
            "ä",
            "_http._tcp.example.org",
            "_a._sub._http._tcp",
            "__http._tcp",
            "http.local",
            &long,
        ];
        for given in hostile {
            assert!(given.parse::<ServiceType>().is_err(), "{given:?}");
        }
    }

    #[test]
    fn only_names_that_could_be_registered_are_published() {
        for name in ["http", "a", "my-service-1", "x23456789012345"] {
            let service: ServiceType = name.parse().unwrap();
            assert_eq!(service.check_published(), Ok(()), "{name}");
        }
        for name in ["x234567890123456", "123", "-a", "a-", "a--b", "a_b"] {
            let service: ServiceType = name.parse().unwrap();
            assert!(service.check_published().is_err(), "{name}");
        }
    }
}
