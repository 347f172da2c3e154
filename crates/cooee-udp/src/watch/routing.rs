use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};

use socket2::{Domain, Protocol, Socket, Type};

use super::notices::announce;
use super::recheck::Recheck;

// The numbers are those of a byte in each notice.
const VERSION: u8 = libc::RTM_VERSION as u8;
#[cfg(target_os = "macos")]
const TYPES: [u8; 3] = [libc::RTM_NEWADDR as u8, libc::RTM_DELADDR as u8, libc::RTM_IFINFO as u8];
#[cfg(target_os = "freebsd")]
const TYPES: [u8; 4] = [
    libc::RTM_NEWADDR as u8,
    libc::RTM_DELADDR as u8,
    libc::RTM_IFINFO as u8,
    libc::RTM_IFANNOUNCE as u8,
];

/// Notices that interfaces or their addresses have changed since it was last asked.
///
/// Becomes readable when something does, and when routes change, which the system tells of too. Until
/// it has told of anything, this says once a second of use that interfaces may have changed.
#[derive(Debug)]
pub struct InterfaceWatch {
    routing: Socket,
    has_told: bool,
    otherwise: Recheck,
}

impl InterfaceWatch {
    /// Starts to watch.
    ///
    /// # Errors
    /// As the system says.
    pub fn new() -> io::Result<Self> {
        let any = Some(Protocol::from(libc::AF_UNSPEC));
        let routing = Socket::new_raw(Domain::from(libc::PF_ROUTE), Type::RAW, any)?;
        routing.set_cloexec(true)?;
        routing.set_nonblocking(true)?;
        Ok(Self { routing, has_told: false, otherwise: Recheck::new() })
    }

    /// Whether anything changed since the last call.
    ///
    /// What changed is not read: the list of interfaces is read again, which is also right after the
    /// kernel had to drop notices.
    pub fn changed(&mut self) -> bool {
        self.is_told_of_a_change() || (!self.has_told && self.otherwise.is_due())
    }

    /// What becomes readable when something changes.
    pub fn wakes_on(&self) -> Option<BorrowedFd<'_>> {
        Some(self.routing.as_fd())
    }

    fn is_told_of_a_change(&mut self) -> bool {
        const AT_ONCE: usize = 64;
        // The kernel drops what has no room.
        let mut beginning = [0_u8; 16];
        let mut changed = false;
        for _ in 0..AT_ONCE {
            match self.routing.read(&mut beginning) {
                Ok(length) => {
                    self.has_told = true;
                    changed |= announce(&beginning[..length], VERSION, &TYPES);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return changed,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // ENOBUFS: notices were lost, so something may have changed.
                Err(_) => return true,
            }
        }
        // There may be one among those that are left.
        true
    }
}
