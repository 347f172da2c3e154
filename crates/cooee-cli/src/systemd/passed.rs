use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};

use super::manager;
use crate::exit::Failure;

/// A socket that the service manager has bound for this process.
#[derive(Debug)]
pub(crate) struct Passed {
    pub(crate) socket: UdpSocket,
    /// Its unit, for messages that say what to change there.
    origin: Origin,
}

#[derive(Debug, Clone)]
pub(crate) struct Origin {
    name: String,
    wanted: SocketAddrV4,
}

impl Passed {
    /// Takes the socket that was passed to this process, if any; it must be bound to `wanted`,
    /// whose unspecified address stands for any. Call this once.
    pub(crate) fn take(wanted: SocketAddrV4) -> Result<Option<Self>, Failure> {
        let passed = manager::passed().map_err(|error| {
            Failure::usage(format!(
                "the sockets of LISTEN_FDS cannot be used: {error}; \
                 start the service by its socket unit, or unset LISTEN_FDS and LISTEN_PID"
            ))
        })?;
        let names: Vec<_> = passed.iter().map(|(name, _)| name.clone()).collect();
        let mut passed = passed.into_iter();
        match (passed.next(), passed.next()) {
            (None, _) => Ok(None),
            (Some((name, socket)), None) => {
                let origin = Origin { name, wanted };
                origin.check(&socket)?;
                Ok(Some(Self { socket, origin }))
            }
            (Some(_), Some(_)) => Err(Failure::usage(format!(
                "{} sockets were passed ({}), but a service answers on one; leave one ListenDatagram= \
                 in the socket unit, and make another service for each of the others",
                names.len(),
                names.join(", ")
            ))),
        }
    }

    /// The IPv4 address that it is bound to, if any.
    pub(crate) fn ip(&self) -> Option<Ipv4Addr> {
        match self.socket.local_addr() {
            Ok(SocketAddr::V4(address)) => Some(*address.ip()),
            Ok(SocketAddr::V6(_)) | Err(_) => None,
        }
    }

    pub(crate) fn into_parts(self) -> (UdpSocket, Origin) {
        (self.socket, self.origin)
    }
}

impl Origin {
    fn check(&self, socket: &UdpSocket) -> Result<(), Failure> {
        // A socket without an IPv4 address is refused, with the reason, when it is used.
        let Ok(SocketAddr::V4(bound)) = socket.local_addr() else { return Ok(()) };
        let wanted = self.wanted;
        if bound.port() != wanted.port() {
            return Err(self.objection(
                &format!(
                    "it is bound to {bound}, but the port of this service is {}",
                    wanted.port()
                ),
                &format!(", or give the service --port {}", bound.port()),
            ));
        }
        if !wanted.ip().is_unspecified() && wanted.ip() != bound.ip() {
            let what = format!("it is bound to {bound}, but --bind is {}", wanted.ip());
            return Err(self.objection(&what, ", or leave out --bind"));
        }
        Ok(())
    }

    /// A failure because of `problem`, with the remedy: a change of the socket unit, or `instead`.
    pub(crate) fn objection(&self, problem: &str, instead: &str) -> Failure {
        let Self { name, wanted } = self;
        Failure::usage(format!(
            "the socket that was passed as {name:?} cannot be used: {problem}; \
             set ListenDatagram={wanted} in the socket unit{instead}"
        ))
    }
}
