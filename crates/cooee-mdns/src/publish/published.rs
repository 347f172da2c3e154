use std::net::IpAddr;

use cooee_core::announced::Publication;

/// What to announce, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The name and the services. The name may have dots, which are not announced ([`PublishedName`]).
    pub publication: Publication,
    /// The addresses that they listen on; `0.0.0.0` and `::` are all of their family. A service with none
    /// of its addresses on a link is not announced there; on loopback, nothing is.
    pub listens_on: Vec<IpAddr>,
}

/// The names that something is announced under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedName {
    /// The name of its instances: `Workshop`. Dots and backslashes of the name that was asked for are
    /// left out or are hyphens.
    pub instance: String,
    /// The first label of its host's name: `workshop`.
    pub host: String,
}
