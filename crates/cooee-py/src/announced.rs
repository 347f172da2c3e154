//! What DNS-SD says of a server, as a dictionary.

use std::borrow::Cow;
use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Of a server that is announced.
#[derive(Debug, Clone, PartialEq, FromPyObject, IntoPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Announced {
    name: String,
    hostname: String,
    services: Vec<Service>,
    txt: BTreeMap<String, Option<String>>,
}

#[derive(Debug, Clone, PartialEq, FromPyObject, IntoPyObject)]
struct Service {
    #[pyo3(item("type"))]
    kind: String,
    #[pyo3(item("port"))]
    port: u16,
}

impl From<cooee::Named> for Announced {
    fn from(named: cooee::Named) -> Self {
        let service = |(kind, port): (cooee::announced::ServiceType, u16)| Service {
            kind: kind.to_string(),
            port,
        };
        let pairs = named.txt.pairs().iter();
        Self {
            name: named.name,
            hostname: named.hostname,
            services: named.services.into_iter().map(service).collect(),
            txt: pairs
                .map(|pair| (pair.key().to_owned(), pair.text().map(Cow::into_owned)))
                .collect(),
        }
    }
}

impl Announced {
    /// Adds what is known to what JSON has of the server.
    pub(crate) fn add_to(&self, object: &Bound<'_, PyDict>) -> PyResult<()> {
        let own = self.clone().into_pyobject(object.py())?;
        object.update(own.as_mapping())
    }
}
