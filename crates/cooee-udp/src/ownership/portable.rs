use std::convert::Infallible;
use std::net::SocketAddrV4;

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

    pub(super) fn is_trusted(&self) -> bool {
        match self.never {}
    }

    pub(super) fn owner(&self) -> Option<Owner> {
        match self.never {}
    }

    #[cfg(unix)]
    pub(super) fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
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

pub(super) fn holder(_: &[Bound]) -> Option<Owner> {
    None
}

pub(super) fn holds(_: &Owner, _: &[Bound]) -> bool {
    false
}
