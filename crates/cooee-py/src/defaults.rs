//! What settings build, for the tests to compare the documented defaults with the real ones.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::settings::{discovery, responder};

/// The discovery that these settings build, as Rust's debugging output.
#[pyfunction]
#[pyo3(signature = (**settings))]
pub(crate) fn _built_discovery(settings: Option<&Bound<'_, PyDict>>) -> PyResult<String> {
    Ok(format!("{:?}", discovery::built(settings)?))
}

/// The responder that these settings build, as Rust's debugging output.
#[pyfunction]
#[pyo3(signature = (**settings))]
pub(crate) fn _built_responder(settings: Option<&Bound<'_, PyDict>>) -> PyResult<String> {
    Ok(format!("{:?}", responder::built(settings)?))
}
