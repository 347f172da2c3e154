//! Errors as Python's exceptions, which `cooee._errors` defines.

use std::io;

use cooee::{DiscoverError, StartError};
use pyo3::prelude::*;

use crate::result::Owner;

pyo3::import_exception!(cooee._errors, ConfigError);
pyo3::import_exception!(cooee._errors, NetworkError);
pyo3::import_exception!(cooee._errors, PortInUse);
pyo3::import_exception!(cooee._errors, NotPermitted);
pyo3::import_exception!(cooee._errors, AddressNotAvailable);
pyo3::import_exception!(cooee._errors, NoInterface);
pyo3::import_exception!(cooee._errors, NoSuchInterface);

pub(crate) fn config(error: cooee::ConfigError) -> PyErr {
    ConfigError::new_err(error.to_string())
}

pub(crate) fn start(error: StartError) -> PyErr {
    let message = error.to_string();
    match error {
        StartError::Config(_) => ConfigError::new_err(message),
        StartError::PortInUse { port, owner, .. } => {
            PortInUse::new_err((message, port, owner.map(Owner::from)))
        }
        StartError::NotPermitted { .. } => NotPermitted::new_err(message),
        StartError::NotOurs { .. } => AddressNotAvailable::new_err(message),
        StartError::System { source, .. } => system(message, &source),
        _ => NetworkError::new_err(message),
    }
}

pub(crate) fn discover(error: DiscoverError) -> PyErr {
    let message = error.to_string();
    match error {
        DiscoverError::Config(_) => ConfigError::new_err(message),
        DiscoverError::NoSuchInterface { .. } => NoSuchInterface::new_err(message),
        DiscoverError::NoInterface { .. } => NoInterface::new_err(message),
        DiscoverError::Unsent { source } | DiscoverError::System { source, .. } => {
            system(message, &source)
        }
        _ => NetworkError::new_err(message),
    }
}

pub(crate) fn system(message: String, source: &io::Error) -> PyErr {
    match (source.kind(), source.raw_os_error()) {
        (io::ErrorKind::PermissionDenied, _) => NotPermitted::new_err(message),
        (_, errno) => NetworkError::new_err((message, errno)),
    }
}
