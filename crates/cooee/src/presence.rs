//! What a live view tells of.

use cooee_core::Departure;

use crate::Server;

/// What happened to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Presence {
    /// It answered for the first time, or again after it had gone.
    Found {
        /// Names the server for as long as it is there; another is never given the same.
        id: u64,
        /// What is known of it.
        server: Server,
    },
    /// It answers from another address, or more is known of it.
    Changed {
        /// The same as when it was found.
        id: u64,
        /// What is known of it now.
        server: Server,
    },
    /// It is gone.
    Gone {
        /// The same as when it was found.
        id: u64,
        /// What was last known of it.
        server: Server,
        /// How that is known.
        why: Departure,
    },
}

impl Presence {
    /// The server, as it is now or was last known.
    pub fn server(&self) -> &Server {
        match self {
            Self::Found { server, .. }
            | Self::Changed { server, .. }
            | Self::Gone { server, .. } => server,
        }
    }

    /// What names the server for as long as it is there.
    pub fn id(&self) -> u64 {
        match self {
            Self::Found { id, .. } | Self::Changed { id, .. } | Self::Gone { id, .. } => *id,
        }
    }

    /// `found`, `changed` or `gone`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Found { .. } => "found",
            Self::Changed { .. } => "changed",
            Self::Gone { .. } => "gone",
        }
    }
}
