use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use cooee_core::{ListedOffer, OfferRequest, OfferResponse};

use super::owner::Owner;
use super::sys::Vigil;

/// Who has a port, and for which services it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PortOffers {
    /// The process, unless it is in a PID namespace that this process cannot see into.
    pub owner: Option<Owner>,
    /// Its own offers, and those of processes that stand by.
    pub offers: Vec<ListedOffer>,
}

/// Asks the owner of a port for its offers; `None` if nobody with a guard replies within `most`.
pub fn offers_on(address: SocketAddrV4, most: Duration) -> Option<PortOffers> {
    let mut vigil = Vigil::begin(address)?;
    vigil.request(&OfferRequest::List.encode().ok()?);
    let until = Instant::now() + most;
    loop {
        match vigil.hear() {
            Some(OfferResponse::Listed(offers)) => {
                return Some(PortOffers { owner: vigil.owner(), offers });
            }
            Some(OfferResponse::Refused(_)) => return None,
            Some(_) => {}
            None => {
                let rest = until.saturating_duration_since(Instant::now());
                if rest.is_zero() || vigil.has_ended() {
                    return None;
                }
                vigil.wait(rest);
            }
        }
    }
}
