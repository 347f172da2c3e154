use crate::ServerRecord;

/// What happened to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PresenceEvent {
    /// It was heard for the first time, or again after it had gone.
    Found {
        /// Names the server for as long as it is there; another is never given the same.
        id: u64,
        /// What is known of it.
        server: ServerRecord,
    },
    /// What is known of it has changed, such as its address.
    Changed {
        /// The same as when it was found.
        id: u64,
        /// What is known of it now.
        server: ServerRecord,
    },
    /// It is gone.
    Gone {
        /// The same as when it was found.
        id: u64,
        /// What was last known of it.
        server: ServerRecord,
        /// How that is known.
        why: Departure,
    },
}

/// How it is known that a server is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Departure {
    /// It was not heard any more, for longer than chance explains.
    Silent,
    /// Its host says that nothing listens there.
    Refused,
    /// It said goodbye by DNS-SD, or was not announced again in time, and does not answer.
    Goodbye,
}

impl Departure {
    /// `silent`, `refused` or `goodbye`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Refused => "refused",
            Self::Goodbye => "goodbye",
        }
    }
}
