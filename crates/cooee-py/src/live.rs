//! The responders that run: what becomes of them when the process forks or exits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use pyo3::prelude::*;

use crate::responder::Handle;

/// Is locked only while attached to the interpreter, and never while letting go of it. So a thread
/// that forks, which is attached, leaves its child no lock that nobody can release.
static LIVE: Mutex<Vec<Weak<Handle>>> = Mutex::new(Vec::new());

fn live() -> MutexGuard<'static, Vec<Weak<Handle>>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes note of a responder that starts.
pub(crate) fn note(handle: &Arc<Handle>) {
    let mut live = live();
    live.retain(|known| known.strong_count() > 0 && !known.ptr_eq(&Arc::downgrade(handle)));
    live.push(Arc::downgrade(handle));
}

fn all() -> Vec<Arc<Handle>> {
    live().iter().filter_map(Weak::upgrade).collect()
}

/// Stops every responder of this process. For `atexit`: while the interpreter shuts down, no
/// thread may wait for it.
#[pyfunction]
pub(crate) fn _stop_all(py: Python<'_>) {
    for handle in all() {
        handle.stop(py);
    }
}

/// In a child that was just forked, drops what only the parent can go on with, and lets those
/// responders that stand by do so behind the parent's.
#[pyfunction]
pub(crate) fn _restart_after_fork(py: Python<'_>) {
    for handle in all() {
        if let Err(error) = handle.restart_after_fork(py) {
            crate::log::exception(py, "a responder could not be started again after a fork", error);
        }
    }
}
