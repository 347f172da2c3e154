//! Hosts whose names are being looked up.

use crate::{DiscoveryConfig, Host};

/// A host whose name did not lead to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unresolved {
    /// The host, as it was named.
    pub host: String,
    /// Why, in words.
    pub why: String,
}

/// The hosts without an address.
#[derive(Debug, Default)]
pub(super) struct Names {
    pending: Vec<String>,
    found: Vec<Host>,
    failed: Vec<Unresolved>,
}

impl Names {
    /// Those of `config` whose addresses are to come.
    pub(super) fn new(config: &DiscoveryConfig) -> Self {
        let without = config.hosts.iter().filter(|host| host.addresses.is_empty());
        Self { pending: without.map(|host| host.name.clone()).collect(), ..Self::default() }
    }

    pub(super) fn are_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Takes note that the look-up of `name` is over; says whether it was pending.
    pub(super) fn settle(&mut self, name: &str) -> bool {
        let before = self.pending.len();
        self.pending.retain(|pending| pending != name);
        self.pending.len() < before
    }

    pub(super) fn note(&mut self, host: Host) {
        self.found.push(host);
    }

    /// Those whose addresses were looked up.
    pub(super) fn found(&self) -> &[Host] {
        &self.found
    }

    pub(super) fn fail(&mut self, host: &str, why: String) {
        self.failed.push(Unresolved { host: host.to_owned(), why });
    }

    /// Those that have no address, if this is the end.
    pub(super) fn unresolved(&self) -> Vec<Unresolved> {
        let late = |host: &String| Unresolved {
            host: host.clone(),
            why: "no name server answered in time".into(),
        };
        self.failed.iter().cloned().chain(self.pending.iter().map(late)).collect()
    }
}
