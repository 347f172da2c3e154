//! The exit status, and failures with their messages.

use std::fmt;
use std::io;

use cooee::{ConfigError, DiscoverError, StartError};

/// The exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// A server was found, or the verb did its work.
    Success = 0,
    /// No server answered, or the doctor has found something wrong.
    NothingFound = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// The network, the port or the system refused.
    Refused = 3,
}

impl Exit {
    /// The doctor has found something wrong.
    pub(crate) const FINDINGS: Self = Self::NothingFound;
}

/// Why a verb failed, for people.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// Whether valid settings do not work together; the message cannot say where each was made.
    pub(crate) is_from_settings: bool,
    message: String,
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, is_from_settings: false, message: message.into() }
    }

    pub(crate) fn settings(message: impl Into<String>) -> Self {
        Self { is_from_settings: true, ..Self::usage(message) }
    }

    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, is_from_settings: false, message: message.into() }
    }

    /// Judges an error of standard output: none if the reader has gone.
    pub(crate) fn output(error: &io::Error) -> Result<(), Self> {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Ok(()),
            _ => Err(Self::refused(format!("the results could not be written: {error}"))),
        }
    }

    /// Judges why a search failed that sends no probes.
    pub(crate) fn without_probes(error: DiscoverError) -> Self {
        match error {
            DiscoverError::NoInterface { .. } => Self {
                is_from_settings: true,
                ..Self::refused(format!(
                    "{error}; multicast DNS takes one that is up and is not loopback: bring one up, \
                     or name it with --interface"
                ))
            },
            error => error.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<DiscoverError> for Failure {
    fn from(error: DiscoverError) -> Self {
        match &error {
            DiscoverError::Config(ConfigError::SweepIsPublic { .. }) => {
                Self::settings(format!("{error}; add --allow-public if it is yours to probe"))
            }
            DiscoverError::Config(_) => Self::settings(error.to_string()),
            DiscoverError::NoSuchInterface { .. } => {
                Self::settings(format!("{error}; see `cooee interfaces`"))
            }
            DiscoverError::NoInterface { .. } => Self {
                is_from_settings: true,
                ..Self::refused(format!(
                    "{error}; bring one up, name one with --interface, or give an address with --host"
                ))
            },
            DiscoverError::Unsent { .. } => Self::refused(format!(
                "{error}; see `cooee interfaces`, and check that no firewall blocks outgoing UDP"
            )),
            _ => Self::refused(error.to_string()),
        }
    }
}

/// What to do where a port may not be had.
const PERMITTED: &str = if cfg!(windows) {
    "Windows probably keeps the port for itself, as `netsh interface ipv4 show excludedportrange protocol=udp` \
     shows; choose another --port"
} else {
    "choose a --port of 1024 or more, or run with the privilege to bind this one"
};

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match &error {
            StartError::Config(_) => Self::settings(error.to_string()),
            StartError::PortInUse { refusal: Some(_), .. } => {
                Self::refused(format!("{error}; or choose --port, or use --stand-by"))
            }
            StartError::PortInUse { .. } => {
                Self::refused(format!("{error}; stop it, choose --port, or use --stand-by"))
            }
            StartError::NotPermitted { .. } => Self::refused(format!("{error}; {PERMITTED}")),
            StartError::NotOurs { .. } => Self {
                is_from_settings: true,
                ..Self::refused(format!(
                    "{error}; choose an address for --bind that `cooee interfaces` lists"
                ))
            },
            _ => Self::refused(error.to_string()),
        }
    }
}
