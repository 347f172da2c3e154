//! What a running responder tells others.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use cooee_core::{Counters, Transmit};
use cooee_udp::{Ahead, Owner};

use super::Observer;

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

/// What a responder has done since it started.
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
        from: Option<Ipv4Addr>,
    },
    /// The host's interfaces or addresses have changed.
    InterfacesChanged,
    /// It is alive; told as often as [`Responder::pulse`](crate::Responder::pulse) says.
    Pulse,
}

/// What a running responder and its handle have in common.
pub(crate) struct Shared {
    stats: Mutex<Stats>,
    state: Mutex<State>,
    observer: Option<Observer>,
}

impl Shared {
    pub(super) fn new(observer: Option<Observer>) -> Self {
        Self { stats: Mutex::default(), state: Mutex::new(State::Stopped), observer }
    }

    pub(crate) fn stats(&self) -> Stats {
        *lock(&self.stats)
    }

    pub(crate) fn publish(&self, stats: &Stats) {
        *lock(&self.stats) = *stats;
    }

    pub(crate) fn state(&self) -> State {
        lock(&self.state).clone()
    }

    pub(crate) fn enter(&self, state: State) {
        let changed = std::mem::replace(&mut *lock(&self.state), state.clone()) != state;
        if changed {
            self.tell(|| Notice::State(state));
        }
    }

    pub(crate) fn tell(&self, notice: impl FnOnce() -> Notice) {
        let Some(observer) = &self.observer else { return };
        let notice = notice();
        // What goes wrong in there must not take the responder down, nor the process.
        if catch_unwind(AssertUnwindSafe(|| observer(&notice))).is_err() {
            tracing::error!(?notice, "the observer panicked");
        }
    }

    /// Tells of the answers in `batch`, but for the `unsent` ones.
    pub(super) fn tell_answers(&self, batch: &[Transmit], unsent: &[usize]) {
        if self.observer.is_none() {
            return;
        }
        for (_, transmit) in batch.iter().enumerate().filter(|(i, _)| !unsent.contains(i)) {
            self.tell(|| Notice::Answered {
                asker: transmit.destination,
                answer: transmit.payload.clone(),
                from: match transmit.source {
                    Some(std::net::IpAddr::V4(from)) => Some(from),
                    _ => None,
                },
            });
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("state", &self.state()).finish_non_exhaustive()
    }
}

/// The values are whole at every moment, so a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
