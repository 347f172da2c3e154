use cooee_core::finding::Finding;
use cooee_core::interface::Interface;

use crate::Server;

/// What a doctor does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// It reads routes, the owner of the port, and the rules of the firewall.
    Surroundings,
    /// This host calls itself over each interface.
    OwnCalls,
    /// It looks for servers.
    Discovery,
    /// It looks for addresses that two hosts have.
    SharedAddresses,
    /// It connects to the services that were found.
    Services,
    /// It exchanges test calls with peers.
    Exchange,
}

impl Stage {
    /// In the order of an examination.
    pub(super) const ALL: [Self; 6] = [
        Self::Discovery,
        Self::Surroundings,
        Self::OwnCalls,
        Self::SharedAddresses,
        Self::Services,
        Self::Exchange,
    ];

    /// In words that complete "examining …".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Surroundings => "routes, port and firewall",
            Self::OwnCalls => "calls to this host itself",
            Self::Discovery => "which servers answer",
            Self::SharedAddresses => "which addresses are used twice",
            Self::Services => "the services found",
            Self::Exchange => "test exchanges with peers",
        }
    }
}

/// What a doctor found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Checkup {
    /// What is wrong, the likeliest cause of silence first. Empty for a healthy network.
    pub findings: Vec<Finding>,
    /// What was looked at and is in order, a line each.
    pub healthy: Vec<String>,
    /// The servers that answered.
    pub servers: Vec<Server>,
    /// The interfaces that were looked at.
    pub interfaces: Vec<Interface>,
    /// Whether it was stopped before its end; the findings are then of what was seen until then.
    pub stopped: bool,
    /// Whether its time was over before its end; as if it had been stopped.
    pub timed_out: bool,
    /// What was not examined, or not to its end: it was stopped, its time was over, or the system
    /// had no thread or socket for it.
    pub left_out: Vec<Stage>,
}

impl Checkup {
    /// Whether everything was examined.
    pub fn is_complete(&self) -> bool {
        self.left_out.is_empty()
    }
}
