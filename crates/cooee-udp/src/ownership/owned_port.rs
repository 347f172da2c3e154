use std::io;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket as StdSocket};
use std::time::Instant;

use cooee_core::Offer;

use super::error::BindError;
use super::held::Held;
use super::search;
use super::sys::{Guard, OfferTable, Vigil};
use crate::{SocketError, UdpSocket};

/// A port that is ours until this is dropped.
#[derive(Debug)]
pub struct OwnedPort {
    /// The bound socket.
    pub socket: UdpSocket,
    guard: Option<Guard>,
    offers: Option<OfferTable>,
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
                    let port = address.port();
                    return Err(BindError::PortInUse { port, owner, refusal: None });
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
        Ok(Self { socket, guard, offers: None })
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

    /// From now on hears what processes that stand by offer: those of root, of our own user and of
    /// `group`. `own` is what we offer ourselves. Does nothing where the system has no guards.
    ///
    /// # Errors
    /// As the system says.
    pub fn hear_offers(&mut self, own: Vec<Offer>, group: Option<u32>) -> io::Result<()> {
        if let Some(guard) = &self.guard {
            self.offers = Some(OfferTable::new(guard, own, group)?);
        }
        Ok(())
    }

    /// Looks at what processes that stand by offer: their distinct offers, without our own, if they
    /// are other ones than before. Up to [`OFFERS_MAX`](cooee_core::limits::OFFERS_MAX) with our own.
    pub fn look_at_offers(&mut self, now: Instant) -> Option<Vec<Offer>> {
        self.offers.as_mut()?.look(now, self.guard.as_ref()?)
    }

    /// When to look at offers again even if nothing is readable.
    pub fn offers_due(&self) -> Option<Instant> {
        self.offers.as_ref()?.due()
    }

    /// Tells the processes that made this offer that nothing listens for it.
    pub fn tell_not_listening(&self, offer: &Offer) {
        if let Some(offers) = &self.offers {
            offers.tell_not_listening(offer);
        }
    }

    /// What becomes readable when there are offers to look at.
    #[cfg(unix)]
    pub fn offers(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.offers.as_ref().map(std::os::fd::AsFd::as_fd)
    }

    /// Changes when [`offerers`](Self::offerers) does.
    #[cfg(unix)]
    pub fn offerers_seen(&self) -> u64 {
        self.offers.as_ref().map_or(0, OfferTable::seen)
    }

    /// The connections of processes that stand by. Like the guard, they must not stay open in
    /// another process.
    #[cfg(unix)]
    pub fn offerers(&self) -> impl Iterator<Item = std::os::fd::BorrowedFd<'_>> {
        self.offers.iter().flat_map(OfferTable::connections)
    }

    pub(super) fn take_guarded(
        address: SocketAddrV4,
        mut guard: Option<Guard>,
    ) -> Result<Self, (Option<Guard>, io::Error)> {
        match UdpSocket::bind(address) {
            Ok(socket) => {
                let mut address = address;
                // The system has chosen the port, so nobody can have waited for it.
                if let (0, Ok(SocketAddr::V4(chosen))) = (address.port(), socket.local_addr()) {
                    address = chosen;
                    guard = Guard::acquire(address).unwrap_or_default();
                }
                guard.iter_mut().for_each(|guard| guard.mark_bound(address));
                Ok(Self { socket, guard, offers: None })
            }
            Err(error) => Err((guard, error)),
        }
    }
}
