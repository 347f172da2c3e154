use std::thread;
use std::time::Duration;

use mdns_sd::{DaemonStatus, Receiver, ServiceDaemon};

/// Tells the library's thread to end, and returns what tells that it has. It takes commands as fast as it
/// can, unless a flood keeps it busy.
pub(crate) fn stop(daemon: &ServiceDaemon) -> Option<Receiver<DaemonStatus>> {
    const ATTEMPTS: u32 = 20;
    for _ in 0..ATTEMPTS {
        match daemon.shutdown() {
            Ok(done) => return Some(done),
            Err(mdns_sd::Error::Again) => thread::sleep(Duration::from_millis(1)),
            Err(_) => return None,
        }
    }
    tracing::warn!("multicast DNS is too busy to be told to stop");
    None
}
