use std::net::SocketAddr;
use std::time::Duration;

/// Whether a TCP connection to an address can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CheckState {
    /// It was opened.
    Open,
    /// The host refused it.
    Refused,
    /// Nothing came back in time.
    Timeout,
    /// The system or a router said that there is no way to it.
    Unreachable,
    /// Nothing had come back when the check ended, or it was not tried.
    Unknown,
}

impl CheckState {
    /// `open`, `refused`, `timeout`, `unreachable` or `unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Unknown => "unknown",
        }
    }
}

/// What came of the connection to one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// The address and the port.
    pub address: SocketAddr,
    /// Whether the connection was opened.
    pub state: CheckState,
    /// The time from the attempt to its end; `None` if that is unknown.
    pub took: Option<Duration>,
}
