use std::io;
use std::net::SocketAddrV4;

use cooee_core::OfferRefusal;
use thiserror::Error;

use super::owner::Owner;
use super::{search, sys};

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

/// Whether the error of a bind means that another process has the port. Windows says "not permitted"
/// where that is another user's, as it does of ports that it keeps for itself.
pub(super) fn is_of_taken_port(address: SocketAddrV4, error: &io::Error) -> bool {
    match error.kind() {
        io::ErrorKind::AddrInUse => true,
        io::ErrorKind::PermissionDenied => cfg!(windows) && !sys::bound(address).is_empty(),
        _ => false,
    }
}

impl BindError {
    pub(super) fn new(address: SocketAddrV4, error: io::Error, guardian: Option<&Owner>) -> Self {
        match error.kind() {
            _ if is_of_taken_port(address, &error) => {
                let owner = search::owner_of(address, guardian);
                Self::PortInUse { port: address.port(), owner, refusal: None }
            }
            io::ErrorKind::PermissionDenied => Self::NotPermitted { address },
            io::ErrorKind::AddrNotAvailable => Self::NotOurs { address },
            _ => Self::Other { address, source: error },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};

    use super::*;

    /// On Windows they mean either that another user's process has it, or that nobody may.
    #[test]
    fn a_bind_that_is_not_permitted_is_of_a_taken_port_on_windows_only() {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let port = socket.local_addr().expect("bound").port();
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
        let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(is_of_taken_port(address, &refused()), cfg!(windows));
        drop(socket);
        assert!(!is_of_taken_port(address, &refused()));
        let error = BindError::new(address, refused(), None);
        assert!(matches!(error, BindError::NotPermitted { .. }), "{error}");
    }
}
