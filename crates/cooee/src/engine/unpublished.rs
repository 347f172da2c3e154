//! In place of `publishing.rs` in a build without DNS-SD.

use std::net::SocketAddr;
use std::time::Instant;

use cooee_core::Offer;
use cooee_core::interface::Interface;

use super::listening::Listening;
use super::shared::Shared;

/// Announces nothing.
pub(super) struct Publishing {
    is_told: bool,
}

impl Publishing {
    pub(super) fn new(_: SocketAddr) -> Self {
        Self { is_told: false }
    }

    pub(super) fn offer<'o>(
        &mut self,
        _: Instant,
        mut offers: impl Iterator<Item = &'o Offer>,
        _: &[Interface],
        _: &mut Listening,
    ) {
        if !self.is_told && offers.any(|offer| offer.publication.is_some()) {
            self.is_told = true;
            tracing::warn!("this build has no DNS-SD: no name is announced");
        }
    }

    pub(super) fn handle_interfaces(&mut self, _: Instant, _: &[Interface]) {}

    pub(super) fn due(&self) -> Option<Instant> {
        None
    }

    #[cfg(feature = "tokio")]
    pub(super) fn is_begun(&self) -> bool {
        false
    }

    pub(super) fn turn(&mut self, _: Instant, _: &Shared) {}
}
