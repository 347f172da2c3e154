//! The offers of a responder: to clients, and to the process that has the port.

use std::net::SocketAddrV4;
use std::sync::Arc;
use std::time::Duration;

use cooee_core::{Offer, OfferRequest, OfferResponse, ResponderConfig};
use cooee_udp::{Claim, StandBy};

use crate::StartError;

/// How long a start that does not stand by waits for the owner's word.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a responder offers.
pub(super) struct Offering {
    pub(super) config: ResponderConfig,
    /// The group whose processes are answered for too.
    pub(super) group: Option<u32>,
    /// Whether test calls of a doctor are answered.
    pub(super) examinable: bool,
    bind: SocketAddrV4,
    request: Option<Arc<[u8]>>,
}

impl Offering {
    pub(super) fn new(config: ResponderConfig, bind: SocketAddrV4, group: Option<u32>) -> Self {
        let bound = Some(*bind.ip()).filter(|ip| !ip.is_unspecified()).map(Into::into);
        let offers: Vec<Offer> = config.offers().map(|offer| Offer { bound, ..offer }).collect();
        let request = OfferRequest::Offer(offers).encode();
        let request = request.inspect_err(|error| {
            tracing::warn!(%error, "no other process can answer for this service");
        });
        Self { config, group, examinable: false, bind, request: request.ok().map(Into::into) }
    }

    /// Takes the port or a place in the line for it.
    pub(super) fn stand_by(&self) -> Result<Claim, StartError> {
        Ok(StandBy::claim(self.bind, self.request.clone())?)
    }

    /// Takes the port, or a place in the line if the owner answers for this service from now on.
    /// Waits for the owner's word, unless that is this process and `blocks` it.
    pub(super) fn share(&self, blocks: bool) -> Result<Claim, StartError> {
        let mut stand_by = match self.stand_by()? {
            Claim::Waiting(stand_by) => stand_by,
            owned @ Claim::Owned(_) => return Ok(owned),
        };
        let is_self = stand_by.owner().is_some_and(|owner| owner.pid == std::process::id());
        let patience = if is_self && blocks { Duration::ZERO } else { PATIENCE };
        let refusal = match stand_by.await_response(patience) {
            Some(OfferResponse::Taken { is_new: true }) => return Ok(Claim::Waiting(stand_by)),
            Some(OfferResponse::Refused(why)) => Some(why),
            _ => None,
        };
        let owner = stand_by.find_owner();
        Err(StartError::PortInUse { port: self.bind.port(), owner, refusal })
    }

    /// A place in the line that is tried for a second from now.
    pub(super) fn later(&self) -> StandBy {
        StandBy::later(self.bind, self.request.clone())
    }
}
