use std::io;
use std::net::SocketAddrV4;

use cooee_core::OfferRefusal;
use thiserror::Error;

use super::owner::Owner;
use super::search;

/// Why a port could not be had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another process has it. Trying again helps once that process is gone.
    #[error(
        "port {port} is taken by {}{}",
        .owner.as_ref().map_or("another process".to_owned(), ToString::to_string),
        .refusal.map_or_else(String::new, |refusal| format!(", and {refusal}"))
    )]
    PortInUse {
        /// The port.
        port: u16,
        /// Who has it, where the system tells.
        owner: Option<Owner>,
        /// Why the owner, which uses this library, does not answer for this service too. `None` if
        /// it already answers for the same one, or does not use this library.
        refusal: Option<OfferRefusal>,
    },
    /// The system does not permit it, for instance because the port is below 1024.
    #[error("binding to {address} is not permitted")]
    NotPermitted {
        /// What was to be bound.
        address: SocketAddrV4,
    },
    /// No interface of this host has the address.
    #[error("{} is not an address of this host", .address.ip())]
    NotOurs {
        /// What was to be bound.
        address: SocketAddrV4,
    },
    /// The system refused for another reason.
    #[error("binding to {address} failed: {source}")]
    Other {
        /// What was to be bound.
        address: SocketAddrV4,
        /// What the system said.
        source: io::Error,
    },
}

impl BindError {
    pub(super) fn new(address: SocketAddrV4, error: io::Error, guardian: Option<&Owner>) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => {
                let owner = search::owner_of(address, guardian);
                Self::PortInUse { port: address.port(), owner, refusal: None }
            }
            io::ErrorKind::PermissionDenied => Self::NotPermitted { address },
            io::ErrorKind::AddrNotAvailable => Self::NotOurs { address },
            _ => Self::Other { address, source: error },
        }
    }
}
