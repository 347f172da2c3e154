use cooee_core::Outcome;
use cooee_core::finding::{Evidence, Finding, diagnose};

use crate::Server;
use crate::evidence::look_around;

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

    /// Why nobody was found or a host that was named is missing, and what else is wrong: two hosts
    /// that answered from one address, a server whose address is on no network of the link, servers
    /// that answered only when called by their address. The likeliest cause comes first. Empty if
    /// there is nothing of the kind.
    ///
    /// Looks at the routes, the port and the firewall of this host. That usually takes some
    /// milliseconds, and four seconds at most; nothing is sent.
    pub fn findings(&self) -> Vec<Finding> {
        let outcome = &self.outcome;
        let is_missing = outcome.servers == 0
            || !outcome.silent.is_empty()
            || !outcome.refused.is_empty()
            || !outcome.doubled.is_empty()
            || !self.evidence.neighbours.is_empty()
            || !self.evidence.only_by_unicast.is_empty();
        if !is_missing {
            return Vec::new();
        }
        let mut evidence = self.evidence.clone();
        look_around(&mut evidence);
        diagnose(&evidence)
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
