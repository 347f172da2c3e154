//! What a running responder tells.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use cooee_core::Counters;
use cooee_udp::{Ahead, Owner};

pub(crate) type Observer = Arc<dyn Fn(&Notice) + Send + Sync>;

/// Whether a responder answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It has the port, and answers.
    Answering {
        /// Where.
        local_addr: SocketAddr,
    },
    /// Another process has the port; it waits.
    StandingBy {
        /// Who has it, where the system tells.
        owner: Option<Owner>,
        /// Whether that is another of us.
        ahead: Ahead,
    },
    /// It has not begun, or has ended.
    Stopped,
}

impl State {
    pub(crate) fn local_addr(&self) -> Option<SocketAddr> {
        match self {
            Self::Answering { local_addr } => Some(*local_addr),
            Self::StandingBy { .. } | Self::Stopped => None,
        }
    }
}

/// Probes received, answered and refused since start, and what went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Datagrams received, refused by reason, and answered; of the answers, `send_failures` did not
    /// get out.
    pub counters: Counters,
    /// Answers that the system refused to send.
    pub send_failures: u64,
    /// Attempts to receive that failed.
    pub receive_failures: u64,
    /// Datagrams that the kernel dropped because the receive buffer was full, where it tells.
    pub kernel_drops: u64,
    /// How often the host's interfaces were read again because they had changed.
    pub interface_changes: u64,
}

/// Something worth telling that a responder did or met.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// It changed its state.
    State(State),
    /// It answered a probe.
    Answered {
        /// Who asked.
        asker: SocketAddr,
        /// The answer as it was sent. It is text if the prefix is.
        answer: Bytes,
        /// The address that the answer left from, unless the system chose it.
        from: Option<IpAddr>,
    },
    /// The host's interfaces or addresses have changed.
    InterfacesChanged,
    /// A source asked too often, and its probes were refused; told of each source once a minute.
    Insistent {
        /// The source.
        source: IpAddr,
        /// How many of its probes were refused since it was last told of.
        refused: u64,
    },
    /// It is alive; told as often as [`Responder::pulse`](crate::Responder::pulse) says.
    Pulse,
}
