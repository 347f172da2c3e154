use std::io;
use std::net::{Ipv6Addr, SocketAddrV4};

use cooee_core::interface::Unused;
use cooee_core::{ConfigError, OfferRefusal};
use cooee_udp::{BindError, Owner, SocketError};
use thiserror::Error;

/// Why a responder did not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// A setting is invalid. Trying again does not help.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Another process has the port, and does not answer for this service too: it does not use this
    /// library, answers for the same service already, or refuses. Stop it, choose another port, or
    /// [stand by](crate::Responder::stand_by).
    #[error(
        "port {port} is taken by {}{}",
        .owner.as_ref().map_or("another process".to_owned(), ToString::to_string),
        .refusal.map_or_else(String::new, |why| format!(", and {why}"))
    )]
    PortInUse {
        /// The port.
        port: u16,
        /// The process that has it, if the system reports it.
        owner: Option<Owner>,
        /// Why that process, which uses this library, refuses to answer for this service.
        refusal: Option<OfferRefusal>,
    },
    /// The system does not permit the port, such as one below 1024.
    #[error("binding to {address} is not permitted")]
    NotPermitted {
        /// The address that was to be bound.
        address: SocketAddrV4,
    },
    /// No interface of this host has the address.
    #[error("{} is not an address of this host", .address.ip())]
    NotOurs {
        /// The address that was to be bound.
        address: SocketAddrV4,
    },
    /// The [given socket](crate::Responder::socket) cannot be used.
    #[error("the given socket cannot be used: {0}")]
    SocketUnusable(#[from] SocketError),
    /// The service is bound to an IPv6 address, which the classic protocol cannot name.
    #[error("the service is bound to {address}, and answers name IPv4 addresses only")]
    NotIpv4 {
        /// The address that the service is bound to.
        address: Ipv6Addr,
    },
    /// Another system call failed. Trying again may help.
    #[error("{action} failed: {source}")]
    System {
        /// The operation that failed.
        action: &'static str,
        /// The system's error.
        source: io::Error,
    },
}

impl StartError {
    pub(crate) fn system(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { action, source }
    }
}

impl From<BindError> for StartError {
    fn from(error: BindError) -> Self {
        match error {
            BindError::PortInUse { port, owner, refusal } => {
                Self::PortInUse { port, owner, refusal }
            }
            BindError::NotPermitted { address } => Self::NotPermitted { address },
            BindError::NotOurs { address } => Self::NotOurs { address },
            BindError::Other { source, .. } => Self::System { action: "binding the port", source },
            _ => Self::System { action: "binding the port", source: io::Error::other(error) },
        }
    }
}

/// Why a discovery could not send probes.
///
/// Finding no server is not an error.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DiscoverError {
    /// No probes are to be sent, and this program is built without the feature `mdns`.
    #[error("without probes nothing is found, since this program is built without multicast DNS")]
    NoMdns,
    /// A setting is invalid. Trying again does not help.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An interface was named that this host does not have.
    #[error("there is no interface {name:?}; there are {}", .known.join(", "))]
    NoSuchInterface {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// No interface can send broadcasts, and no host or subnet was named; or, without probes, none is a link
    /// to browse on by multicast DNS.
    #[error("no interface to search from{}", reasons(.unused))]
    NoInterface {
        /// Each interface, and why it is not used.
        unused: Vec<(String, Unused)>,
    },
    /// The system refused to send any of the probes. Trying again may help.
    #[error("no probe could be sent: {source}")]
    Unsent {
        /// Its first error.
        source: io::Error,
    },
    /// Another system call failed. Trying again may help.
    #[error("{action} failed: {source}")]
    System {
        /// The operation that failed.
        action: &'static str,
        /// The system's error.
        source: io::Error,
    },
}

impl DiscoverError {
    pub(crate) fn system(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { action, source }
    }
}

fn reasons(unused: &[(String, Unused)]) -> String {
    let each: Vec<_> =
        unused.iter().map(|(name, why)| format!("{name} {}", why.predicate())).collect();
    if each.is_empty() { String::new() } else { format!(": {}", each.join(", ")) }
}
