use std::time::Duration;

use super::estimate::Estimate;
use super::refusals::Refusals;
use super::rejected::Rejected;
use super::rung::Swept;

/// How a discovery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// Nothing new arrived, and hardly anybody can be missing.
    Settled,
    /// The timeout was reached.
    Deadline,
    /// The first answer was all that was wanted.
    First,
    /// Somebody stopped it.
    Stopped,
}

impl Ended {
    /// `settled`, `deadline`, `first` or `stopped`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Deadline => "deadline",
            Self::First => "first",
            Self::Stopped => "stopped",
        }
    }
}

/// What a discovery did, and how complete it believes to be.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// How it ended.
    pub ended: Ended,
    /// From start to end.
    pub elapsed: Duration,
    /// Rounds of probes sent.
    pub rounds: u32,
    /// Servers found.
    pub servers: usize,
    /// Answers received, repeated ones included.
    pub answers: u64,
    /// Datagrams that were no answers.
    pub refusals: Refusals,
    /// Datagrams that the kernel dropped for want of buffer space, where it tells.
    pub kernel_drops: u64,
    /// How many servers were probably not heard; `None` when it was too short to tell.
    pub estimate: Option<Estimate>,
    /// Whether servers were left out because of the bound on results.
    pub truncated: bool,
    /// The named hosts that did not answer. Each is counted as unseen.
    pub silent: Vec<String>,
    /// The named hosts whose system said that nothing listens on the port.
    pub refused: Vec<String>,
    /// How far the sweep came, if there was one.
    pub swept: Option<Swept>,
    /// The senders of datagrams that were no answers, each with its first, up to
    /// [`crate::limits::REJECTED_MAX`].
    pub rejected: Vec<Rejected>,
}
