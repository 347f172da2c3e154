//! One service that a link's daemon announces.

use std::time::Instant;

use mdns_sd::ServiceDaemon;

use super::info::{Names, info};
use super::records::Record;
use crate::MdnsError;
use crate::stop::insist;

/// A service that was begun.
pub(super) struct Announcing {
    pub(super) record: Record,
    pub(super) fullname: String,
    /// When it was said first.
    pub(super) at: Option<Instant>,
    /// It began with names that had been found free.
    pub(super) is_known: bool,
    /// It has been said twice.
    pub(super) is_settled: bool,
    /// Another host has its name.
    pub(super) is_taken: bool,
}

impl Announcing {
    /// Whether its names are ours, said here or not.
    pub(super) fn is_ours(&self) -> bool {
        !self.is_taken && (self.at.is_some() || self.is_known)
    }
}

/// Withdraws it, with a goodbye if it is ours.
pub(super) fn withdraw(daemon: &ServiceDaemon, gone: &Announcing) -> Result<(), MdnsError> {
    if !gone.is_ours() {
        hush(daemon, &gone.record)?;
    }
    daemon.unregister(&gone.fullname)?;
    Ok(())
}

/// Takes the addresses away: the library says nothing of what has none, not even goodbye.
pub(super) fn hush(daemon: &ServiceDaemon, record: &Record) -> Result<(), MdnsError> {
    let silent = Record { addresses: Vec::new(), ..record.clone() };
    let info = info(&silent, Names::Free)?;
    insist(|| daemon.register(info.clone()))?;
    Ok(())
}

/// Hushes all of these. If the library takes none of it, it is too busy to be told about the rest.
pub(super) fn hush_all<'a>(daemon: &ServiceDaemon, mut records: impl Iterator<Item = &'a Record>) {
    if let Err(error) = records.try_for_each(|record| hush(daemon, record)) {
        tracing::debug!(%error, "a goodbye may be said for what goes on");
    }
}
