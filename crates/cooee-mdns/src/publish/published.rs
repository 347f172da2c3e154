use std::net::IpAddr;

use cooee_core::announced::Publication;
use cooee_core::wire::Families;

/// What to announce, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The name and the services.
    pub publication: Publication,
    /// The families that the services listen over.
    pub families: Families,
    /// The only address that they listen on, if it is one. On loopback, nothing is announced.
    pub only: Option<IpAddr>,
}

/// The names that something is announced under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedName {
    /// The name of its instances: `Workshop`.
    pub instance: String,
    /// The first label of its host's name: `workshop`.
    pub host: String,
}
