//! A daemon that does nothing for a while, for tests.

use std::sync::{Mutex, mpsc};

use mdns_sd::{IfKind, IfPredicate, ServiceDaemon};

/// As long as it lives, a daemon takes no command.
pub(crate) struct Stuck {
    _goes_on: mpsc::Sender<()>,
}

impl Stuck {
    pub(crate) fn new(daemon: &ServiceDaemon) -> Self {
        let (goes_on, held) = mpsc::channel::<()>();
        let (tell, is_stuck) = mpsc::channel();
        let held = Mutex::new(held);
        let wait = IfPredicate::new(move |_| {
            let _ = tell.send(());
            // Until the other end is dropped.
            let _ = held.lock().unwrap().recv();
            false
        });
        daemon.enable_interface(IfKind::Predicate(wait)).unwrap();
        is_stuck.recv().unwrap();
        Self { _goes_on: goes_on }
    }

    /// The same, with no room for more commands.
    pub(crate) fn full(daemon: &ServiceDaemon) -> Self {
        let stuck = Self::new(daemon);
        while daemon.get_metrics().is_ok() {}
        stuck
    }
}
