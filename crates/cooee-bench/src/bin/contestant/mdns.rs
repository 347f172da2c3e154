//! A finder and a server as the documentation of `mdns-sd` has them.

use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant};

use mdns_sd::{DaemonEvent, ServiceDaemon, ServiceEvent, ServiceInfo};

use crate::finding::report;

const SERVICE: &str = "_cooee-bench._udp.local.";

/// What a finder is asked for.
pub(crate) struct Wanted {
    pub(crate) servers: usize,
    pub(crate) patience: Duration,
}

/// Browses until as many servers have an address as are wanted.
pub(crate) fn find(wanted: &Wanted) {
    let began = Instant::now();
    let daemon = ServiceDaemon::new().unwrap();
    let events = daemon.browse(SERVICE).unwrap();
    let mut found = HashSet::new();
    while found.len() < wanted.servers {
        let Some(left) = wanted.patience.checked_sub(began.elapsed()) else { break };
        if let Ok(ServiceEvent::ServiceResolved(service)) = events.recv_timeout(left) {
            found.insert(service.fullname);
        }
    }
    report(began.elapsed(), found.len());
}

/// Says `ready` once the name is probed and announced; serves until killed.
pub(crate) fn serve(address: &str) {
    let daemon = ServiceDaemon::new().unwrap();
    let events = daemon.monitor().unwrap();
    let properties: [(&str, &str); 0] = [];
    let service =
        ServiceInfo::new(SERVICE, "server", "server.local.", address, 8000, &properties[..]);
    daemon.register(service.unwrap()).unwrap();
    while !matches!(events.recv().unwrap(), DaemonEvent::Announce(..)) {}
    println!("ready");
    thread::park();
}
