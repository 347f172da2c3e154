use thiserror::Error;

use crate::limits;

/// Why something cannot be announced, or asked for, by DNS-SD.
///
/// Trying again does not help; the named value has to change.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AnnouncedError {
    /// Not a type of service.
    #[error(
        "{given:?} is not a service type; write one as _http._tcp, with up to {} bytes of letters, \
         digits and hyphens",
        limits::NAME_MAX
    )]
    ServiceType {
        /// What was given.
        given: String,
    },
    /// A type of service that may be asked for, but not published (RFC 6335 section 5.1).
    #[error(
        "{service} cannot be published: its name takes 1 to 15 letters, digits and single hyphens, a \
         letter among them"
    )]
    NotRegistrable {
        /// The type.
        service: String,
    },
    /// A host name, services or TXT pairs, but no name to publish them under.
    #[error(
        "nothing is published without a name; give one, or leave out services, TXT pairs and host name"
    )]
    Nameless,
    /// The name of an instance is empty.
    #[error("the name is empty; it takes 1 to {} bytes of UTF-8", limits::NAME_MAX)]
    NameEmpty,
    /// The name of an instance is longer than a DNS label.
    #[error("the name has {length} bytes of UTF-8; it takes 1 to {}", limits::NAME_MAX)]
    NameTooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// The name of an instance has a control character (RFC 6763 section 4.1.1).
    #[error("the name {name:?} has a control character; leave it out")]
    NameHasControl {
        /// The name.
        name: String,
    },
    /// Not the first label of a host name.
    #[error(
        "{given:?} is not a host name; it takes up to {} letters, digits and hyphens, without a dot, \
         and is completed by .local",
        limits::NAME_MAX
    )]
    HostName {
        /// What was given.
        given: String,
    },
    /// Not a key of a TXT record (RFC 6763 section 6.4).
    #[error("{key:?} is not a key of a TXT record; write KEY=VALUE, the key in printable ASCII")]
    TxtKey {
        /// The key.
        key: String,
    },
    /// A key stands twice; the second would not be heard (RFC 6763 section 6.4).
    #[error("the TXT key {key:?} is there twice; leave one out")]
    TxtKeyTwice {
        /// The key.
        key: String,
    },
    /// A key and its value are longer than a string of a TXT record (RFC 6763 section 6.1).
    #[error("the TXT pair {key:?} has {length} bytes with its value; it takes up to 255")]
    TxtPairTooLong {
        /// The key.
        key: String,
        /// The length of key, equals sign and value in bytes.
        length: usize,
    },
    /// All pairs together are longer than [`limits::TXT_MAX`].
    #[error("the TXT pairs have {length} bytes together; they take up to {}", limits::TXT_MAX)]
    TxtTooLong {
        /// Their length in bytes, with one for each.
        length: usize,
    },
    /// No service, or more than [`limits::PUBLISHED_SERVICES_MAX`].
    #[error("{count} services; it takes 1 to {}", limits::PUBLISHED_SERVICES_MAX)]
    Services {
        /// How many.
        count: usize,
    },
    /// A type stands twice; both would have one name.
    #[error("the service type {service} is there twice; an instance can have it once")]
    ServiceTwice {
        /// The type.
        service: String,
    },
    /// A service with port 0.
    #[error("port 0 cannot be published; name the port that the service listens on")]
    PortZero,
}
