//! What a driver needs to begin answering once it has the port.

use std::sync::Arc;
use std::time::Instant;

use cooee_core::OfferResponse;
use cooee_udp::{Claim, OwnedPort, StandBy};

use super::answering::Answering;
use super::log_limit::LogLimit;
use super::offering::Offering;
use super::pulse::Pulse;
use super::shared::Shared;
use crate::settings::Responder;
use crate::{Notice, StartError, State};

pub(crate) struct Plan {
    offering: Offering,
    pub(crate) pulse: Pulse,
    pub(crate) shared: Arc<Shared>,
    log: Logs,
}

#[derive(Default)]
struct Logs {
    port: LogLimit,
    refused: LogLimit,
    #[cfg(any(unix, feature = "tokio"))]
    notice: LogLimit,
}

impl Plan {
    /// Takes the port, or a place in the line for it. If an owner in this process could not answer
    /// meanwhile, it `blocks` it.
    pub(crate) fn prepare(settings: Responder, blocks: bool) -> Result<(Claim, Self), StartError> {
        let config = settings.checked_config()?;
        let bind = settings.bind_address();
        let mut offering = Offering::new(config, bind, settings.offers_group());
        offering.examinable = settings.is_examinable();
        let claim = match settings.given()? {
            Some(socket) => Claim::Owned(OwnedPort::given(socket)?),
            None if settings.stands_by() => offering.stand_by()?,
            None => offering.share(blocks)?,
        };
        let pulse = Pulse::new(settings.pulse_interval());
        let shared = Arc::new(Shared::new(settings.into_observer()));
        Ok((claim, Self { offering, pulse, shared, log: Logs::default() }))
    }

    /// Takes the port into service.
    pub(crate) fn answer_on(&self, port: OwnedPort) -> Result<Answering, StartError> {
        Answering::new(&self.offering, port, Arc::clone(&self.shared))
    }

    /// Tells that the responder is alive, if it is time to.
    pub(crate) fn beat(&mut self, now: Instant) {
        if self.pulse.is_due(now) {
            self.shared.tell(|| Notice::Pulse);
        }
    }

    /// Tries for the port; the place in the line if it is still another's.
    pub(crate) fn try_for_port(&mut self, mut stand_by: StandBy) -> Result<Answering, StandBy> {
        while let Some(response) = stand_by.hear() {
            self.hear(&stand_by, &response);
        }
        if !stand_by.is_time() {
            return Err(stand_by);
        }
        let begun = match stand_by.try_again() {
            Ok(Claim::Waiting(still)) => {
                self.stands_by(&still);
                return Err(still);
            }
            Ok(Claim::Owned(port)) => self.answer_on(port),
            Err(error) => Err(error.into()),
        };
        begun.map_err(|error| self.try_later(&error))
    }

    /// A place in the line after the port was free but something else failed.
    pub(crate) fn try_later(&mut self, error: &StartError) -> StandBy {
        if let Some(held_back) = self.log.port.admit(Instant::now()) {
            tracing::warn!(%error, held_back, "the port is free but cannot be had; trying again");
        }
        self.offering.later()
    }

    /// Says that the port is tried once a second, since the kernel cannot be asked to tell.
    #[cfg(any(unix, feature = "tokio"))]
    pub(crate) fn waits_without_notice(&mut self, error: &std::io::Error) {
        if let Some(held_back) = self.log.notice.admit(Instant::now()) {
            tracing::warn!(%error, held_back, "standing by without the kernel's notice");
        }
    }

    /// Takes what the owner says of our offers.
    fn hear(&mut self, stand_by: &StandBy, response: &OfferResponse) {
        match response {
            OfferResponse::Taken { .. } => {
                self.shared.update(Self::standing_by(stand_by));
                self.shared.tell(|| Notice::OfferTaken);
            }
            OfferResponse::Refused(why) => {
                self.shared.update(Self::standing_by(stand_by));
                if let Some(held_back) = self.log.refused.admit(Instant::now()) {
                    let owner = stand_by.owner().map(ToString::to_string).unwrap_or_default();
                    tracing::warn!(owner, held_back, "not answered for while standing by: {why}");
                }
                self.shared.tell(|| Notice::OfferRefused(*why));
            }
            OfferResponse::NotListening { port } => self.shared.tell_not_listening(*port),
            _ => {}
        }
    }

    pub(crate) fn stands_by(&self, stand_by: &StandBy) {
        self.shared.enter(Self::standing_by(stand_by));
    }

    fn standing_by(stand_by: &StandBy) -> State {
        State::StandingBy {
            owner: stand_by.owner().cloned(),
            ahead: stand_by.ahead(),
            is_answered_for: stand_by.is_answered_for(),
        }
    }
}
