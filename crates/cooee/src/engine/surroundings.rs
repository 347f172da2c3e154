//! The interfaces of this host as they were when last looked at.

use std::io;

use cooee_core::interface::Interface;
use cooee_udp::{InterfaceWatch, interfaces};

use crate::StartError;

/// The interfaces, and what tells of their changes.
pub(super) struct Surroundings {
    watch: Option<InterfaceWatch>,
    /// Why there is no watch.
    unwatched: Option<io::Error>,
    interfaces: Vec<Interface>,
    /// Whether the last attempt to list them failed.
    is_stale: bool,
}

impl Surroundings {
    pub(super) fn new() -> Result<Self, StartError> {
        // Watched first, listed then: a change in between is seen twice rather than never.
        let (watch, unwatched) = match InterfaceWatch::new() {
            Ok(watch) => (Some(watch), None),
            Err(error) => (None, Some(error)),
        };
        let interfaces = interfaces().map_err(StartError::system("listing the interfaces"))?;
        Ok(Self { watch, unwatched, interfaces, is_stale: false })
    }

    pub(super) fn tell_unwatched(&self) {
        if let Some(error) = &self.unwatched {
            tracing::warn!(%error, "changes of interfaces go unnoticed");
        }
    }

    pub(super) fn watch(&self) -> Option<&InterfaceWatch> {
        self.watch.as_ref()
    }

    pub(super) fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    /// Lists them again if something has changed. Returns whether they are others than before.
    pub(super) fn look(&mut self) -> io::Result<bool> {
        let changed = self.watch.as_mut().is_some_and(InterfaceWatch::changed);
        if !changed && !self.is_stale {
            return Ok(false);
        }
        self.is_stale = true;
        let interfaces = interfaces()?;
        self.is_stale = false;
        let before = std::mem::replace(&mut self.interfaces, interfaces);
        Ok(before != self.interfaces)
    }
}
