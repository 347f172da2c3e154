use std::convert::Infallible;
use std::io;
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use cooee_core::{Offer, OfferResponse};

use super::bound::Bound;
use super::held::Held;
use super::owner::Owner;

/// No lock: the bind decides.
#[derive(Debug)]
pub(super) struct Guard {
    never: Infallible,
}

impl Guard {
    #[cfg(unix)]
    pub(super) fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        match self.never {}
    }

    #[cfg(unix)]
    pub(super) fn mark(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        match self.never {}
    }

    pub(super) fn mark_bound(&mut self, _: SocketAddrV4) {
        match self.never {}
    }

    pub(super) fn acquire(_: SocketAddrV4) -> Result<Option<Self>, Held> {
        Ok(None)
    }
}

/// Nothing to wait on.
#[derive(Debug)]
pub(super) struct Vigil {
    never: Infallible,
}

impl Vigil {
    pub(super) fn begin(_: SocketAddrV4) -> Option<Self> {
        None
    }

    pub(super) fn behind_owner(_: SocketAddrV4) -> Option<Self> {
        None
    }

    pub(super) fn is_owned(_: SocketAddrV4) -> bool {
        false
    }

    pub(super) fn is_trusted(&self) -> bool {
        match self.never {}
    }

    pub(super) fn owner(&self) -> Option<Owner> {
        match self.never {}
    }

    pub(super) fn request(&self, _: &[u8]) {
        match self.never {}
    }

    pub(super) fn hear(&mut self) -> Option<OfferResponse> {
        match self.never {}
    }

    pub(super) fn has_ended(&self) -> bool {
        match self.never {}
    }

    pub(super) fn wait(&self, _: Duration) {
        match self.never {}
    }

    #[cfg(unix)]
    pub(super) fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        match self.never {}
    }
}

/// Nobody offers.
#[derive(Debug)]
pub(super) struct OfferTable {
    never: Infallible,
}

impl OfferTable {
    pub(super) fn new(guard: &Guard, _: Vec<Offer>, _: Option<u32>) -> io::Result<Self> {
        match guard.never {}
    }

    pub(super) fn look(&mut self, _: Instant, _: &Guard) -> Option<Vec<Offer>> {
        match self.never {}
    }

    pub(super) fn due(&self) -> Option<Instant> {
        match self.never {}
    }

    pub(super) fn tell_not_listening(&self, _: &Offer) {
        match self.never {}
    }

    #[cfg(unix)]
    pub(super) fn seen(&self) -> u64 {
        match self.never {}
    }

    #[cfg(unix)]
    pub(super) fn connections(&self) -> impl Iterator<Item = std::os::fd::BorrowedFd<'_>> {
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

/// Nobody tells.
#[derive(Debug)]
pub(super) struct ProcessEnd {
    never: Infallible,
}

impl ProcessEnd {
    pub(super) fn of(_: u32) -> Option<Self> {
        None
    }

    pub(super) fn has_come(&self) -> bool {
        match self.never {}
    }

    #[cfg(unix)]
    pub(super) fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        match self.never {}
    }
}

pub(super) fn bound(_: SocketAddrV4) -> Vec<Bound> {
    Vec::new()
}

pub(super) fn all_bound(_: SocketAddrV4) -> Option<Vec<Bound>> {
    None
}

pub(super) fn holders(_: &[Bound], _: usize) -> Vec<Owner> {
    Vec::new()
}

pub(super) fn holder(_: &[Bound]) -> Option<Owner> {
    None
}

pub(super) fn holds(_: &Owner, _: &[Bound]) -> bool {
    false
}
