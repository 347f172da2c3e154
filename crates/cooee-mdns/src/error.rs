use std::io;

use thiserror::Error;

/// Why nothing can be announced or found by multicast DNS.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MdnsError {
    /// The system refuses what is needed for it.
    #[error("multicast DNS does not start: {doing}")]
    System {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The library that speaks the protocol gave up.
    #[error("multicast DNS does not start: {0}")]
    Library(String),
}

impl From<mdns_sd::Error> for MdnsError {
    fn from(error: mdns_sd::Error) -> Self {
        Self::Library(error.to_string())
    }
}
