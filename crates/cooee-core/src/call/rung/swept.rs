use std::time::Duration;

/// How far a sweep came through its networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Swept {
    /// Addresses that were called at least once.
    pub called: u64,
    /// Addresses that the system refused to send a probe to in the first pass.
    pub refused: u64,
    /// Addresses that there are.
    pub of: u64,
    /// About how long it takes to call all of them once.
    pub pass_takes: Duration,
}

impl Swept {
    /// The time that the last addresses are given to answer, where the sweep decides how long the
    /// discovery takes.
    pub(in crate::call) const AFTER_PASS: Duration = Duration::from_secs(1);

    /// About how long a discovery takes that ends with the sweep: one pass, and the time in which
    /// its last addresses can answer.
    pub fn takes(&self) -> Duration {
        self.pass_takes + Self::AFTER_PASS
    }
}
