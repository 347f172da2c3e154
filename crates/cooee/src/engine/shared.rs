//! What a running responder and its handle have in common.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cooee_core::finding::Finding;
use cooee_core::{Insistent, Transmit};

use crate::notice::Observer;
use crate::{Notice, State, Stats};

/// What a running responder and its handle have in common.
pub(crate) struct Shared {
    stats: Mutex<Stats>,
    state: Mutex<State>,
    observer: Option<Observer>,
    tells_answers: bool,
}

impl Shared {
    pub(super) fn new((observer, tells_answers): (Option<Observer>, bool)) -> Self {
        let state = Mutex::new(State::Stopped);
        Self { stats: Mutex::default(), state, observer, tells_answers }
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
        let before = std::mem::replace(&mut *lock(&self.state), state.clone());
        if !state.is_alike(&before) {
            self.tell(|| Notice::State(state));
        }
    }

    /// Replaces the state by one that differs in a detail of which there is a notice of its own.
    pub(super) fn update(&self, state: State) {
        *lock(&self.state) = state;
    }

    pub(crate) fn tell(&self, notice: impl FnOnce() -> Notice) {
        let Some(observer) = &self.observer else { return };
        let notice = notice();
        // What goes wrong in there must not take the responder down, nor the process.
        if catch_unwind(AssertUnwindSafe(|| observer(&notice))).is_err() {
            tracing::error!(?notice, "the observer panicked");
        }
    }

    /// Tells of a source that asks too often.
    pub(super) fn tell_insistent(&self, insistent: Insistent) {
        let Insistent { source, refused, .. } = insistent;
        tracing::warn!("{source} asks too often: {refused} of its probes were refused");
        self.tell(|| Notice::Insistent { source, refused });
    }

    /// Tells that a probe was not answered since nothing listens on the port of the service.
    pub(super) fn tell_not_listening(&self, port: u16) {
        tracing::warn!("a probe was not answered, since nothing listens on port {port} here");
        self.tell(|| Notice::NotListening { port });
    }

    /// Tells of something that keeps clients from finding this server.
    pub(super) fn tell_finding(&self, finding: &Finding) {
        tracing::warn!("{finding}");
        self.tell(|| Notice::Finding(finding.clone()));
    }

    /// Tells of the answers in `batch`, but for the `unsent` ones.
    pub(super) fn tell_answers(&self, batch: &[Transmit], unsent: &[usize]) {
        if self.observer.is_none() || !self.tells_answers {
            return;
        }
        for (_, transmit) in batch.iter().enumerate().filter(|(i, _)| !unsent.contains(i)) {
            self.tell(|| Notice::Answered {
                asker: transmit.destination,
                answer: transmit.payload.clone(),
                from: transmit.source,
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
