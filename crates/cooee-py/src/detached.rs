//! Ending what has threads of its own.

use std::mem;

use pyo3::prelude::*;

/// Drops what may wait for its threads, while other threads have the interpreter: those that are waited
/// for may want it, to log.
///
/// While the interpreter shuts down they get it no more. Then it stays as it is, until the process ends.
pub(crate) fn drop_detached<T: Send>(it: T) {
    let mut it = Some(it);
    let dropped = Python::try_attach(|py| {
        let it = it.take();
        py.detach(|| drop(it));
    });
    if dropped.is_none() {
        mem::forget(it);
    }
}
