use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use cooee::finding::Finding;

use crate::console::Console;

/// Warns when the firewall of this host drops probes: once, until that changes.
pub(super) struct FirewallWatch {
    port: u16,
    console: Console,
    told: Arc<Mutex<Option<Finding>>>,
}

impl FirewallWatch {
    pub(super) fn new(port: u16, console: Console) -> Self {
        Self { port, console, told: Arc::default() }
    }

    /// Reads the rules in a thread of its own, since programs list them: answers do not wait.
    pub(super) fn look(&self) {
        let (port, console, told) = (self.port, self.console, Arc::clone(&self.told));
        let looked = thread::Builder::new().name("firewall".into()).spawn(move || {
            let finding = cooee::firewall_of_server(port);
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            if *told != finding {
                if let Some(finding) = &finding {
                    console.warn(finding);
                }
                *told = finding;
            }
        });
        if let Err(error) = looked {
            tracing::debug!(%error, "the firewall is not looked at");
        }
    }
}
