//! The responders that run: what becomes of them when the process forks or exits.

use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use pyo3::prelude::*;

/// A responder, as much of it as concerns its process.
pub(crate) trait Live: Send + Sync {
    /// Stops it, if it runs, and waits until the port is free.
    fn stop(&self, py: Python<'_>);

    /// In a child: drops the copy of the parent's, and stands by if it did so in the parent.
    fn restart_after_fork(self: Arc<Self>, py: Python<'_>) -> PyResult<()>;
}

/// Is locked only while attached to the interpreter, and never while letting go of it. So a thread
/// that forks, which is attached, leaves its child no lock that nobody can release.
static LIVE: Mutex<Vec<Weak<dyn Live>>> = Mutex::new(Vec::new());

fn live() -> MutexGuard<'static, Vec<Weak<dyn Live>>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes note of a responder that starts.
pub(crate) fn note(responder: &Arc<impl Live + 'static>) {
    let noted = Arc::downgrade(responder);
    let mut live = live();
    live.retain(|known| known.strong_count() > 0 && !ptr::addr_eq(known.as_ptr(), noted.as_ptr()));
    live.push(noted);
}

fn all() -> Vec<Arc<dyn Live>> {
    live().iter().filter_map(Weak::upgrade).collect()
}

/// Stops every responder of this process. For `atexit`: while the interpreter shuts down, no
/// thread may wait for it.
#[pyfunction]
pub(crate) fn _stop_all(py: Python<'_>) {
    for responder in all() {
        responder.stop(py);
    }
}

/// In a child that was just forked, drops what only the parent can go on with, and lets those
/// responders that stand by do so behind the parent's.
#[pyfunction]
pub(crate) fn _restart_after_fork(py: Python<'_>) {
    for responder in all() {
        if let Err(error) = responder.restart_after_fork(py) {
            crate::log::exception(py, "a responder could not be started again after a fork", error);
        }
    }
}
