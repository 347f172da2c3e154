use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};

use super::manager;
use crate::exit::Failure;

/// A socket that the service manager has bound for us.
#[derive(Debug)]
pub(crate) struct Passed {
    pub(crate) socket: UdpSocket,
    /// Where it comes from, and what is to be changed there.
    origin: Origin,
}

#[derive(Debug, Clone)]
pub(crate) struct Origin {
    name: String,
    wanted: SocketAddrV4,
}

impl Passed {
    /// The socket that was passed to this process, if one was, which is to be bound to `wanted`.
    /// The unspecified address accepts any. To be asked once.
    pub(crate) fn take(wanted: SocketAddrV4) -> Result<Option<Self>, Failure> {
        let passed = manager::passed().map_err(|error| {
            Failure::usage(format!(
                "the sockets of LISTEN_FDS cannot be taken: {error}; \
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
                "{} sockets were passed ({}), and one is answered on; \
                 leave one ListenDatagram= in the socket unit, and make a service for each other",
                names.len(),
                names.join(", ")
            ))),
        }
    }

    /// The address that it is bound to, if that is an IPv4 address.
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
        // What has no such address is refused with the reason when it is to be used.
        let Ok(SocketAddr::V4(bound)) = socket.local_addr() else { return Ok(()) };
        let wanted = self.wanted;
        if bound.port() != wanted.port() {
            return Err(self.objection(
                &format!(
                    "it is bound to {bound}, and the port of this service is {}",
                    wanted.port()
                ),
                &format!(", or give the service --port {}", bound.port()),
            ));
        }
        if !wanted.ip().is_unspecified() && wanted.ip() != bound.ip() {
            let what = format!("it is bound to {bound}, and --bind is {}", wanted.ip());
            return Err(self.objection(&what, ", or leave out --bind"));
        }
        Ok(())
    }

    /// The failure that `problem` is, with what to do: what is written in the socket unit, or
    /// `instead`.
    pub(crate) fn objection(&self, problem: &str, instead: &str) -> Failure {
        let Self { name, wanted } = self;
        Failure::usage(format!(
            "the socket that was passed as {name:?} cannot be used: {problem}; \
             set ListenDatagram={wanted} in the socket unit{instead}"
        ))
    }
}
