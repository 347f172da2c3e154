use std::io;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket as StdSocket};

use super::error::BindError;
use super::held::Held;
use super::search;
use super::sys::{Guard, Vigil};
use crate::{SocketError, UdpSocket};

/// A port that is ours until this is dropped.
#[derive(Debug)]
pub struct OwnedPort {
    /// The bound socket.
    pub socket: UdpSocket,
    #[cfg_attr(
        not(unix),
        expect(dead_code, reason = "held, and shown where there are descriptors")
    )]
    guard: Option<Guard>,
}

impl OwnedPort {
    /// Takes the port, if nobody has it and nobody is waiting for it.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn take(address: SocketAddrV4) -> Result<Self, BindError> {
        let (guard, guardian) = match Guard::acquire(address) {
            Ok(guard) => (guard, None),
            Err(Held) => {
                let vigil = Vigil::begin(address);
                let guardian = vigil.as_ref().and_then(Vigil::owner);
                if vigil.as_ref().is_none_or(Vigil::is_trusted) {
                    let owner = search::owner_of(address, guardian.as_ref()).or(guardian);
                    return Err(BindError::PortInUse { port: address.port(), owner });
                }
                (None, guardian)
            }
        };
        Self::take_guarded(address, guard)
            .map_err(|(_, error)| BindError::new(address, error, guardian.as_ref()))
    }

    /// A port that came with its socket. It is ours whoever holds its guard: the guard is taken if
    /// it is free, so that others wait for us; who holds it stays first in line.
    ///
    /// # Errors
    /// What about the socket does not fit.
    pub fn given(socket: StdSocket) -> Result<Self, SocketError> {
        let socket = UdpSocket::given(socket)?;
        let guard = match socket.local_addr()? {
            SocketAddr::V4(address) => {
                let mut guard = Guard::acquire(address).unwrap_or_default();
                guard.iter_mut().for_each(|guard| guard.mark_bound(address));
                guard
            }
            SocketAddr::V6(_) => None,
        };
        Ok(Self { socket, guard })
    }

    /// What guards the port, where the system has guards. It is ours as long as this descriptor or
    /// a copy of it is open, in whatever process.
    #[cfg(unix)]
    pub fn guard(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.guard.as_ref().map(Guard::as_fd)
    }

    /// What shows that the holder of the guard has the port, and is not merely first in line for
    /// it. Like the guard, it must not stay open in another process.
    #[cfg(unix)]
    pub fn mark(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.guard.as_ref().and_then(Guard::mark)
    }

    pub(super) fn take_guarded(
        address: SocketAddrV4,
        mut guard: Option<Guard>,
    ) -> Result<Self, (Option<Guard>, io::Error)> {
        match UdpSocket::bind(address) {
            Ok(socket) => {
                guard.iter_mut().for_each(|guard| guard.mark_bound(address));
                Ok(Self { socket, guard })
            }
            Err(error) => Err((guard, error)),
        }
    }
}
