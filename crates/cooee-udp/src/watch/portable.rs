use std::io;

use super::recheck::Recheck;

/// Says that interfaces may have changed, once a second of use: this system does not tell.
#[derive(Debug)]
pub struct InterfaceWatch {
    recheck: Recheck,
}

impl InterfaceWatch {
    /// Starts to watch.
    ///
    /// # Errors
    /// Never on this system.
    pub fn new() -> io::Result<Self> {
        Ok(Self { recheck: Recheck::new() })
    }

    /// Whether the list of interfaces is old enough to be read again.
    pub fn changed(&mut self) -> bool {
        self.recheck.is_due()
    }

    /// Nothing tells.
    #[cfg(unix)]
    pub fn wakes_on(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        None
    }
}
