use std::convert::Infallible;
use std::io;
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use cooee_core::{Offer, OfferResponse};

use crate::ownership::held::Held;
use crate::ownership::owner::Owner;

/// No lock: the bind decides.
#[derive(Debug)]
pub(in crate::ownership) struct Guard {
    never: Infallible,
}

impl Guard {
    /// Whether there are any on this system.
    pub(in crate::ownership) const EXIST: bool = false;

    #[cfg(unix)]
    pub(in crate::ownership) fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        match self.never {}
    }

    #[cfg(unix)]
    pub(in crate::ownership) fn mark(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        match self.never {}
    }

    pub(in crate::ownership) fn mark_bound(&mut self, _: SocketAddrV4) {
        match self.never {}
    }

    pub(in crate::ownership) fn acquire(_: SocketAddrV4) -> Result<Option<Self>, Held> {
        Ok(None)
    }
}

/// Nothing to wait on.
#[derive(Debug)]
pub(in crate::ownership) struct Vigil {
    never: Infallible,
}

impl Vigil {
    pub(in crate::ownership) fn begin(_: SocketAddrV4) -> Option<Self> {
        None
    }

    pub(in crate::ownership) fn behind_owner(_: SocketAddrV4) -> Option<Self> {
        None
    }

    pub(in crate::ownership) fn is_owned(_: SocketAddrV4) -> bool {
        false
    }

    pub(in crate::ownership) fn is_trusted(&self) -> bool {
        match self.never {}
    }

    pub(in crate::ownership) fn owner(&self) -> Option<Owner> {
        match self.never {}
    }

    pub(in crate::ownership) fn request(&self, _: &[u8]) {
        match self.never {}
    }

    pub(in crate::ownership) fn hear(&mut self) -> Option<OfferResponse> {
        match self.never {}
    }

    pub(in crate::ownership) fn has_ended(&self) -> bool {
        match self.never {}
    }

    pub(in crate::ownership) fn wait(&self, _: Duration) {
        match self.never {}
    }

    #[cfg(unix)]
    pub(in crate::ownership) fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        match self.never {}
    }
}

/// Nobody offers.
#[derive(Debug)]
pub(in crate::ownership) struct OfferTable {
    never: Infallible,
}

impl OfferTable {
    pub(in crate::ownership) fn new(
        guard: &Guard,
        _: Vec<Offer>,
        _: Option<u32>,
    ) -> io::Result<Self> {
        match guard.never {}
    }

    pub(in crate::ownership) fn look(&mut self, _: Instant, _: &Guard) -> Option<Vec<Offer>> {
        match self.never {}
    }

    pub(in crate::ownership) fn due(&self) -> Option<Instant> {
        match self.never {}
    }

    pub(in crate::ownership) fn tell_not_listening(&self, _: &Offer) {
        match self.never {}
    }

    #[cfg(unix)]
    pub(in crate::ownership) fn seen(&self) -> u64 {
        match self.never {}
    }

    #[cfg(unix)]
    pub(in crate::ownership) fn connections(
        &self,
    ) -> impl Iterator<Item = std::os::fd::BorrowedFd<'_>> {
        match self.never {}
        #[expect(unreachable_code, reason = "names the type")]
        std::iter::empty()
    }
}

#[cfg(unix)]
impl std::os::fd::AsFd for OfferTable {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        match self.never {}
    }
}
