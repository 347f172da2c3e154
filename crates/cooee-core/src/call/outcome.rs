use std::net::IpAddr;
use std::time::Duration;

use super::estimate::Estimate;
use super::names::Unresolved;
use super::refusals::Refusals;
use super::rejected::Rejected;
use super::rung::{Remembered, Swept};
use crate::Host;

/// How a discovery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// Nothing new arrived, and hardly anybody can be missing.
    Settled,
    /// The timeout was reached.
    Deadline,
    /// The first server answered, and no more were wanted.
    First,
    /// The caller stopped it.
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

/// How a discovery went and how complete it probably is.
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
    /// Datagrams that the kernel dropped because the receive buffer was full, if it reports them.
    pub kernel_drops: u64,
    /// How many servers probably remain unseen; `None` after too few rounds to tell.
    pub estimate: Option<Estimate>,
    /// Whether servers were left out because the result table was full.
    pub truncated: bool,
    /// The named hosts that did not answer. Each is counted as unseen.
    pub silent: Vec<String>,
    /// The named hosts that refused by ICMP: nothing listens on the port.
    pub refused: Vec<String>,
    /// The named hosts whose addresses were looked up, with those that were probed.
    pub looked_up: Vec<Host>,
    /// The named hosts whose names led to no address. They were not probed, and do not count as
    /// unseen.
    pub unresolved: Vec<Unresolved>,
    /// The remembered servers that were called. None of them is counted as unseen.
    pub remembered: Remembered,
    /// The progress of the sweep, if there was one.
    pub swept: Option<Swept>,
    /// Servers that answered only when they were probed directly, as neighbours, while no other host
    /// answered a broadcast: a firewall of this host probably drops the answers to broadcasts.
    pub behind_firewall: usize,
    /// Whether that is certain: at least two of them turned up in the neighbour table after the first
    /// probe, so that they heard it, and no later answer of theirs was lost. Otherwise it may have
    /// been chance.
    pub drops_answers: bool,
    /// Addresses from which more answers came than one host gives, so that two hosts have one
    /// address, or two programs one port; at most [`crate::limits::REJECTED_MAX`].
    pub doubled: Vec<IpAddr>,
    /// Senders of datagrams that were no answers, each with the first of them; at most
    /// [`crate::limits::REJECTED_MAX`].
    pub rejected: Vec<Rejected>,
}
