use std::thread;
use std::time::Duration;

use mdns_sd::{DaemonStatus, Receiver, ServiceDaemon};

/// Tells the library something for which its queue may have no room. It takes commands as fast as it can,
/// unless a flood keeps it busy.
pub(crate) fn insist<T>(mut command: impl FnMut() -> mdns_sd::Result<T>) -> mdns_sd::Result<T> {
    const TRIED_AGAIN: u32 = 20;
    for _ in 0..TRIED_AGAIN {
        match command() {
            Err(mdns_sd::Error::Again) => thread::sleep(Duration::from_millis(1)),
            done => return done,
        }
    }
    command()
}

/// Tells the library's thread to end, and returns what tells that it has. If it is too busy to take that,
/// it is told later, by another thread.
pub(crate) fn stop(daemon: &ServiceDaemon) -> Option<Receiver<DaemonStatus>> {
    match insist(|| daemon.shutdown()) {
        Err(mdns_sd::Error::Again) => stop_later(daemon.clone()),
        done => return done.ok(),
    }
    None
}

/// The same without any waiting.
pub(crate) fn stop_soon(daemon: &ServiceDaemon) {
    if let Err(mdns_sd::Error::Again) = daemon.shutdown() {
        stop_later(daemon.clone());
    }
}

fn stop_later(daemon: ServiceDaemon) {
    const EVERY: Duration = Duration::from_millis(50);
    /// Five minutes: no flood of commands lasts so long.
    const ATTEMPTS: u32 = 6_000;
    let tell = move || {
        for _ in 0..ATTEMPTS {
            thread::sleep(EVERY);
            if !matches!(daemon.shutdown(), Err(mdns_sd::Error::Again)) {
                return;
            }
        }
    };
    if thread::Builder::new().name("cooee-stop".into()).spawn(tell).is_err() {
        tracing::warn!("multicast DNS is too busy to be told to stop");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::stuck::Stuck;

    #[test]
    fn a_daemon_that_is_too_busy_to_be_told_to_stop_stops_later() {
        let daemon = ServiceDaemon::new().unwrap();
        let stuck = Stuck::full(&daemon);
        assert!(stop(&daemon).is_none());
        drop(stuck);
        let deadline = Instant::now() + Duration::from_secs(20);
        while !matches!(daemon.get_metrics(), Err(mdns_sd::Error::DaemonShutdown)) {
            assert!(Instant::now() < deadline, "it goes on");
            thread::sleep(Duration::from_millis(10));
        }
    }
}
