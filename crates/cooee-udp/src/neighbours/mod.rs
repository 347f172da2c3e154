//! Which neighbours the system has resolved to link addresses.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod sys;
#[cfg(not(target_os = "linux"))]
#[path = "portable.rs"]
mod sys;

use std::io;
use std::net::IpAddr;

pub use cooee_core::{NeighbourRoom, NeighbourState};

/// Asks the system about neighbours.
///
/// On Linux it keeps a netlink socket of the network namespace in which it was opened. Each
/// question is a system call or a few; none waits for the network. Elsewhere nothing is known.
#[derive(Debug)]
pub struct Neighbours {
    sys: sys::Table,
}

impl Neighbours {
    /// The most neighbours that [`resolved`](Self::resolved) lists.
    pub const RESOLVED_MAX: usize = 4096;

    /// Opens what is needed to ask.
    ///
    /// # Errors
    /// As the system says, for instance when there are no more descriptors. Never where nothing is
    /// known.
    pub fn new() -> io::Result<Self> {
        Ok(Self { sys: sys::Table::open()? })
    }

    /// Whether `address`, which must be on the link of the interface with this index, is resolved.
    /// Needs Linux 5.0; before that, and whenever the question fails, it is unknown.
    ///
    /// Has no meaning for an address behind a router, for the host's own addresses, nor for
    /// broadcast and multicast addresses, which may be said to be unresolved though they never
    /// wait.
    pub fn state(&mut self, address: IpAddr, interface: u32) -> NeighbourState {
        self.sys.state(address, interface)
    }

    /// How full the table of IPv4 neighbours is; `None` where the system does not tell. Costs the
    /// more, the more entries there are: with 1,000 of them about 0.3 ms, a hundred times as much as
    /// [`state`](Self::state).
    pub fn room(&mut self) -> Option<NeighbourRoom> {
        self.sys.room()
    }

    /// The hosts that are resolved on `interfaces`, each with the index of its interface, in the
    /// system's order: no group addresses, and no more than
    /// [`RESOLVED_MAX`](Self::RESOLVED_MAX). Empty where the system does not tell.
    pub fn resolved(&mut self, interfaces: &[u32]) -> Vec<(IpAddr, u32)> {
        self.sys.resolved(interfaces, Self::RESOLVED_MAX)
    }
}

#[cfg(all(test, target_os = "linux"))]
#[path = "portable.rs"]
mod portable;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn where_the_system_does_not_tell_nothing_is_known() {
        let mut table = portable::Table::open().expect("it never fails");
        assert_eq!(table.state(Ipv4Addr::LOCALHOST.into(), 1), NeighbourState::Unknown);
        assert_eq!(table.room(), None);
        assert!(table.resolved(&[1], Neighbours::RESOLVED_MAX).is_empty());
    }
}

/// The netlink socket, which a forked child has to close.
#[cfg(target_os = "linux")]
impl std::os::fd::AsFd for Neighbours {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.sys.as_fd()
    }
}
