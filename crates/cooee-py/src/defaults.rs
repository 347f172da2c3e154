//! What settings build, for the tests to compare the documented defaults with the real ones.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::{responder, settings};

/// The discovery that these settings build, as Rust's debugging output.
#[pyfunction]
#[pyo3(signature = (**given))]
pub(crate) fn _built_discovery(given: Option<&Bound<'_, PyDict>>) -> PyResult<String> {
    Ok(format!("{:?}", settings::built(given)?))
}

/// The responder that these settings build, as Rust's debugging output.
#[pyfunction]
#[pyo3(signature = (**settings))]
pub(crate) fn _built_responder(settings: Option<&Bound<'_, PyDict>>) -> PyResult<String> {
    Ok(format!("{:?}", responder::built(settings)?))
}
