use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use thiserror::Error;

use crate::announced::AnnouncedError;
use crate::limits;

/// An invalid setting, and what is wrong with it.
///
/// Trying again does not help; the named value has to change.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The probe message is empty: every empty datagram would be a probe.
    #[error("the message is empty; it takes 1 to {} bytes", limits::MESSAGE_MAX)]
    MessageEmpty,
    /// The probe message is longer than [`limits::MESSAGE_MAX`].
    #[error("the message has {length} bytes; it takes 1 to {}", limits::MESSAGE_MAX)]
    MessageTooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// The answer prefix is longer than [`limits::PREFIX_MAX`].
    #[error("the prefix has {length} bytes; it takes up to {}", limits::PREFIX_MAX)]
    PrefixTooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// The message reads as an answer, so that two servers would answer each other for ever.
    #[error(
        "the message {message:?} reads as an answer with the prefix {prefix:?}: an answer would \
         itself be a probe; choose a message that is not the prefix and an address"
    )]
    AnswerIsProbe {
        /// The message, as text.
        message: String,
        /// The prefix, as text.
        prefix: String,
    },
    /// No client can connect to the advertised address.
    #[error("{address} cannot be advertised: it is not the address of a host")]
    AdvertiseNotAHost {
        /// The address.
        address: IpAddr,
    },
    /// No codec, or more than [`limits::CODECS_MAX`].
    #[error("{count} protocols; it takes 1 to {}", limits::CODECS_MAX)]
    Codecs {
        /// How many.
        count: usize,
    },
    /// A host or a network has no address of the families that are used.
    #[error("{host} has no address of the family that is used: allow both IPv4 and IPv6")]
    Unspeakable {
        /// The host as it was given, or the network.
        host: String,
    },
    /// A port is zero where a real one is needed.
    #[error("port 0 names nothing; it takes 1 to 65535")]
    PortZero,
    /// The rate limit is zero.
    #[error("a rate limit of 0 would never answer; it takes 1 or more answers per second, or off")]
    RateZero,
    /// The allow list is longer than [`limits::ALLOW_MAX`].
    #[error("{count} networks are allowed by name; it takes up to {}", limits::ALLOW_MAX)]
    AllowTooLong {
        /// How many.
        count: usize,
    },
    /// The name of the service is longer than [`limits::NAME_MAX`].
    #[error("the name has {length} bytes; it takes up to {}", limits::NAME_MAX)]
    NameTooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// What is to be published by DNS-SD cannot be.
    #[error(transparent)]
    Publication(#[from] AnnouncedError),
    /// Neither probes nor multicast DNS are allowed.
    #[error("servers are found neither by probes nor by multicast DNS; allow one of them")]
    NoWay,
    /// The services that are wanted are announced by multicast DNS, which is off.
    #[error("a type of services is listed by multicast DNS, which is turned off; allow it")]
    ServiceWithoutMdns,
    /// The timeout is zero or longer than [`limits::TIMEOUT_MAX`].
    #[error("a timeout of {timeout:?}; it takes more than 0 and up to {:?}", limits::TIMEOUT_MAX)]
    Timeout {
        /// The timeout.
        timeout: Duration,
    },
    /// More retries than [`limits::RETRIES_MAX`].
    #[error("{retries} retries; it takes up to {}", limits::RETRIES_MAX)]
    Retries {
        /// How many.
        retries: u32,
    },
    /// More hosts and broadcast addresses than [`limits::TARGETS_MAX`].
    #[error("{count} addresses to call in each round; it takes up to {}", limits::TARGETS_MAX)]
    TooManyTargets {
        /// How many.
        count: usize,
    },
    /// More names to look up than [`limits::NAMES_MAX`].
    #[error(
        "{count} names to look up; it takes up to {}, and any number of addresses",
        limits::NAMES_MAX
    )]
    TooManyNames {
        /// How many.
        count: usize,
    },
    /// The subnets hold more addresses than [`limits::SWEEP_MAX`].
    #[error("the subnets hold {addresses} addresses; a sweep takes up to {}", limits::SWEEP_MAX)]
    SweepTooLarge {
        /// How many.
        addresses: u64,
    },
    /// A sweep of a public network was not allowed
    /// ([`DiscoveryConfig::allow_public`](crate::DiscoveryConfig::allow_public)).
    #[error(
        "{net} is a public network and not on a link of this host; to probe its every address looks \
         like an attack to its owner, and has to be allowed"
    )]
    SweepIsPublic {
        /// The network.
        net: IpNet,
    },
}
