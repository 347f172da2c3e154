//! The `cooee` command, for those who install the wheel.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the command with these words, and returns its exit status.
///
/// Takes over the process: its standard streams, its signals to stop, and the engine's log.
#[pyfunction]
pub(crate) fn _command(py: Python<'_>, words: Vec<OsString>) -> u8 {
    let name = OsString::from("cooee");
    py.detach(|| cooee_cli::run([name].into_iter().chain(words)))
}
