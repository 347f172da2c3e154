//! Findings: why nobody was found or can be found, with evidence, meaning and remedy.
//!
//! [`Evidence`] is what was seen, as data. [`diagnose`] and [`audit`] decide what it means, so that
//! the command, Python and JSON agree.

mod causes;
mod code;
mod commands;
mod diagnose;
mod evidence;
mod firewall;
mod privacy;
mod serving;
#[cfg(test)]
mod tests;
mod trials;
mod tried;

use std::fmt;

pub use code::Code;
pub use diagnose::diagnose;
pub use evidence::{Evidence, Gateway, NeighbourSeen, PortKept, PortUse, Serving, SharedAddress};
pub use firewall::{Firewall, FirewallTool, Side};
pub use serving::audit;
pub use trials::{Connection, Exchanged, OwnCall, ServiceTried, Trials, TunnelRoute};

/// Something that keeps servers from being found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    code: Code,
    seen: String,
    means: String,
    remedy: String,
}

impl Finding {
    pub(crate) fn new(
        code: Code,
        seen: impl Into<String>,
        means: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { code, seen: seen.into(), means: means.into(), remedy: remedy.into() }
    }

    /// What kind of finding it is.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What was seen.
    pub fn seen(&self) -> &str {
        &self.seen
    }

    /// What that means.
    pub fn means(&self) -> &str {
        &self.means
    }

    /// What to do about it.
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

/// One line: what was seen, what it means, what to do.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.seen, self.means, self.remedy)
    }
}

/// `a`, `a and b`, or `a, b and 3 more`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        [one, other, third] => format!("{one}, {other} and {third}"),
        [one, other, rest @ ..] => format!("{one}, {other} and {} more", rest.len()),
    }
}
