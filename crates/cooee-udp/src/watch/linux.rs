use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};

/// Notices that interfaces or their addresses have changed since it was last asked.
///
/// Costs nothing while nothing changes; becomes readable when something does.
#[derive(Debug)]
pub struct InterfaceWatch {
    netlink: Socket,
}

impl InterfaceWatch {
    /// Starts to watch.
    ///
    /// # Errors
    /// As the system says.
    pub fn new() -> io::Result<Self> {
        const GROUPS: i32 = libc::RTMGRP_LINK | libc::RTMGRP_IPV4_IFADDR | libc::RTMGRP_IPV6_IFADDR;
        let mut netlink = Socket::new(NETLINK_ROUTE)?;
        netlink.bind(&SocketAddr::new(0, GROUPS.cast_unsigned()))?;
        netlink.set_non_blocking(true)?;
        Ok(Self { netlink })
    }

    /// Whether anything changed since the last call.
    ///
    /// What changed is not read: whoever asks lists the interfaces again, which is also right
    /// after the kernel had to drop notices.
    pub fn changed(&mut self) -> bool {
        const AT_ONCE: usize = 64;
        // The kernel drops what has no room.
        let mut beginning = [0_u8; 16];
        let mut changed = false;
        for _ in 0..AT_ONCE {
            match self.netlink.recv(&mut beginning.as_mut_slice(), 0) {
                Ok(_) => changed = true,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return changed,
                // ENOBUFS: notices were lost, so something changed.
                Err(_) => return true,
            }
        }
        changed
    }

    /// What becomes readable when something changes.
    pub fn wakes_on(&self) -> Option<BorrowedFd<'_>> {
        Some(self.netlink.as_fd())
    }
}

impl AsFd for InterfaceWatch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.netlink.as_fd()
    }
}

impl AsRawFd for InterfaceWatch {
    fn as_raw_fd(&self) -> RawFd {
        self.netlink.as_raw_fd()
    }
}
