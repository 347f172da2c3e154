//! Where this process accepts connections.

use pyo3::prelude::*;

use crate::record::record;

record! {
    /// A socket of this process that accepts connections.
    OwnListener {
        /// `tcp` or `unix`.
        kind: String,
        /// Where a TCP socket is bound.
        address: Option<(String, u16)>,
        /// Whether a socket of IPv6 refuses IPv4.
        v6_only: bool,
        /// The file of a unix socket.
        path: Option<String>,
    }
}

impl OwnListener {
    fn tell(listener: cooee::OwnListener) -> Option<Self> {
        match listener {
            cooee::OwnListener::Tcp { address, v6_only } => Some(Self {
                kind: "tcp".into(),
                address: Some((address.ip().to_string(), address.port())),
                v6_only,
                path: None,
            }),
            cooee::OwnListener::Unix { path } => Some(Self {
                kind: "unix".into(),
                address: None,
                v6_only: false,
                path: Some(path.to_string_lossy().into_owned()),
            }),
            _ => None,
        }
    }
}

/// The sockets by which this process accepts connections, inherited ones included. None where the
/// system does not tell.
#[pyfunction]
pub(crate) fn own_listeners() -> Option<Vec<OwnListener>> {
    Some(cooee::own_listeners()?.into_iter().filter_map(OwnListener::tell).collect())
}
