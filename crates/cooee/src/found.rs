use cooee_core::Outcome;
use cooee_core::finding::{Evidence, Finding, diagnose};

use crate::Server;

/// The servers that a discovery found, and how complete the list probably is.
#[derive(Debug, Clone)]
pub struct Found {
    pub(crate) servers: Vec<Server>,
    pub(crate) outcome: Outcome,
    pub(crate) evidence: Evidence,
}

impl Found {
    /// What the discovery did, and how complete the list probably is.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Why nobody was found, or not everybody who was named: the likeliest cause first. Empty if
    /// nothing is missing.
    pub fn findings(&self) -> Vec<Finding> {
        diagnose(&self.evidence)
    }
}

impl std::ops::Deref for Found {
    type Target = [Server];

    fn deref(&self) -> &[Server] {
        &self.servers
    }
}

impl IntoIterator for Found {
    type Item = Server;
    type IntoIter = std::vec::IntoIter<Server>;

    fn into_iter(self) -> Self::IntoIter {
        self.servers.into_iter()
    }
}

impl<'a> IntoIterator for &'a Found {
    type Item = &'a Server;
    type IntoIter = std::slice::Iter<'a, Server>;

    fn into_iter(self) -> Self::IntoIter {
        self.servers.iter()
    }
}
