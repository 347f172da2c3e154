use std::io;
use std::time::{Duration, Instant};

/// Says that interfaces may have changed, once a second of use: this system does not tell.
#[derive(Debug)]
pub struct InterfaceWatch {
    asked: Instant,
}

impl InterfaceWatch {
    const TRUSTED_FOR: Duration = Duration::from_secs(1);

    /// Starts to watch.
    ///
    /// # Errors
    /// Never on this system.
    pub fn new() -> io::Result<Self> {
        Ok(Self { asked: Instant::now() })
    }

    /// Whether the list of interfaces is old enough to be read again.
    pub fn changed(&mut self) -> bool {
        let changed = self.asked.elapsed() >= Self::TRUSTED_FOR;
        if changed {
            self.asked = Instant::now();
        }
        changed
    }
}
