//! What listens where the offered services should.

use std::time::Instant;

use cooee_core::{ListenerRule, ListeningSocket, Offer};
use cooee_udp::Listeners;

use super::log_limit::LogLimit;
use crate::StartError;

/// Looks up listeners, once an offer needs one.
#[derive(Default)]
pub(super) struct Listening {
    sys: Option<Listeners>,
    log: LogLimit,
}

impl Listening {
    /// Opens what is needed to look them up, if one of our own `offers` needs one.
    pub(super) fn new<'o>(offers: impl Iterator<Item = &'o Offer>) -> Result<Self, StartError> {
        let mut listening = Self::default();
        if needs_listener(offers) {
            let sys = Listeners::new().map_err(StartError::system("looking up listeners"))?;
            listening.sys = Some(sys);
        }
        Ok(listening)
    }

    /// The same when processes that stand by offer something else than before.
    pub(super) fn prepare<'o>(&mut self, now: Instant, offers: impl Iterator<Item = &'o Offer>) {
        if self.sys.is_none() && needs_listener(offers) {
            match Listeners::new() {
                Ok(sys) => self.sys = Some(sys),
                Err(error) => self.complain(now, &error),
            }
        }
    }

    /// The sockets that listen on `port`; `None` if that cannot be found.
    pub(super) fn on_port(&mut self, now: Instant, port: u16) -> Option<Vec<ListeningSocket>> {
        match self.sys.as_mut()?.on_port(port) {
            Ok(sockets) => Some(sockets),
            Err(error) => {
                self.complain(now, &error);
                None
            }
        }
    }

    fn complain(&mut self, now: Instant, error: &std::io::Error) {
        if let Some(held_back) = self.log.admit(now) {
            tracing::warn!(%error, held_back, "what listens on this host cannot be looked up");
        }
    }

    #[cfg(target_os = "linux")]
    pub(super) fn sys(&self) -> Option<&Listeners> {
        self.sys.as_ref()
    }
}

fn needs_listener<'o>(mut offers: impl Iterator<Item = &'o Offer>) -> bool {
    offers.any(|offer| offer.listener != ListenerRule::NotRequired)
}
