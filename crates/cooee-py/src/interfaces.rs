use pyo3::prelude::*;

use crate::result::{Interface, SegmentedNetwork};
use crate::{error, log, value};

fn list(py: Python<'_>) -> PyResult<Vec<cooee::interface::Interface>> {
    log::forward();
    py.detach(cooee::interfaces).map_err(|source| {
        error::system(format!("listing the interfaces failed: {source}"), &source)
    })
}

/// The network interfaces of this host that have an address, loopback included.
#[pyfunction]
pub(crate) fn interfaces(py: Python<'_>) -> PyResult<Vec<Interface>> {
    Ok(list(py)?.into_iter().map(Interface::from).collect())
}

/// The first network that is probably cut into segments which a broadcast does not cross: one
/// larger than a /24 in 10.0.0.0/8 or 172.16.0.0/12. None if there is none.
///
/// Looks only at the interfaces that are named; at all of them without names.
#[pyfunction]
#[pyo3(signature = (interfaces=None))]
pub(crate) fn segmented_network(
    py: Python<'_>,
    interfaces: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<SegmentedNetwork>> {
    let mut found = list(py)?;
    if let Some(names) = interfaces {
        let names = value::each(names, value::name)?;
        found.retain(|interface| names.contains(&interface.name));
    }
    Ok(cooee::interface::segmented_network(&found).map(SegmentedNetwork::from))
}
