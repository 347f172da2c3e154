use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use cooee_core::{MessageError, Offer, OfferRefusal, OfferRequest, OfferResponse, limits};

use super::peer::{Peer, Received, receive, transmit};
use super::process::ProcessEnd;

/// A process that stands by, as its connection tells. What it offers lives as long as the
/// connection and the process: a child that inherited the connection keeps nothing alive.
#[derive(Debug)]
pub(super) struct Offerer {
    pub(super) token: u64,
    pub(super) pid: Option<u32>,
    pub(super) is_trusted: bool,
    pub(super) offers: Vec<Offer>,
    connection: OwnedFd,
    end: Option<ProcessEnd>,
    requests: u32,
    told: Option<OfferResponse>,
}

/// What came of listening to a process.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It offers something else than before.
    Offers,
    /// It wants the list of offers.
    List,
    Nothing,
    /// It is gone, or says more than it has to.
    End,
}

impl Offerer {
    /// Requests that are read on one connection: each change of what a process offers is one.
    const REQUESTS_MAX: u32 = 64;

    /// `None` if the process has ended.
    pub(super) fn new(token: u64, connection: OwnedFd, group: Option<u32>) -> Option<Self> {
        let peer = Peer::of(&connection)?;
        let is_trusted =
            peer.is_trusted() || group.is_some_and(|group| peer.is_in(group, &connection));
        let end = match ProcessEnd::of_peer(&connection) {
            Some(end) => Some(end),
            // It has ended, unless the system has no such descriptors.
            None => peer.pid().map_or(Ok(None), ProcessEnd::of_living).ok()?,
        };
        Some(Self {
            token,
            pid: peer.pid(),
            is_trusted,
            offers: Vec::new(),
            connection,
            end,
            requests: 0,
            told: None,
        })
    }

    /// Reads what the process asks.
    pub(super) fn hear(&mut self) -> Heard {
        let mut room = [0; limits::OFFER_MAX];
        let request = match receive(&self.connection, &mut room) {
            Received::Nothing => return Heard::Nothing,
            Received::End => return Heard::End,
            Received::TooLong => Err(OfferRefusal::TooLong),
            Received::Datagram(request) => {
                OfferRequest::decode(request).map_err(|error| match error {
                    MessageError::TooLong { .. } => OfferRefusal::TooLong,
                    _ => OfferRefusal::Unsound,
                })
            }
        };
        self.requests += 1;
        if self.requests > Self::REQUESTS_MAX {
            return Heard::End;
        }
        if !self.is_trusted {
            self.tell(OfferResponse::Refused(OfferRefusal::NotTrusted));
            return Heard::Nothing;
        }
        match request {
            Ok(OfferRequest::Offer(offers)) => {
                (self.offers, self.told) = (offers, None);
                Heard::Offers
            }
            Ok(OfferRequest::List) => Heard::List,
            Ok(_) => Heard::Nothing,
            Err(refusal) => {
                let had_offers = !std::mem::take(&mut self.offers).is_empty();
                self.tell(OfferResponse::Refused(refusal));
                if had_offers { Heard::Offers } else { Heard::Nothing }
            }
        }
    }

    /// Tells the process what has become of its offers, if that is another thing than before.
    pub(super) fn tell(&mut self, response: OfferResponse) {
        let is_taken = |told: &OfferResponse| matches!(told, OfferResponse::Taken { .. });
        let is_known = self
            .told
            .as_ref()
            .is_some_and(|told| *told == response || (is_taken(told) && is_taken(&response)));
        if !is_known {
            self.send(&response);
            self.told = Some(response);
        }
    }

    pub(super) fn send(&self, response: &OfferResponse) {
        if let Err(error) = transmit(&self.connection, &response.encode()) {
            tracing::debug!(%error, pid = self.pid, "a process that stands by was not told");
        }
    }

    pub(super) fn connection(&self) -> BorrowedFd<'_> {
        self.connection.as_fd()
    }

    /// Becomes readable when the process ends; `None` where the system does not tell.
    pub(super) fn end(&self) -> Option<BorrowedFd<'_>> {
        self.end.as_ref().map(ProcessEnd::as_fd)
    }
}
