//! What is offered: by our own service, and by processes that stand by.

use std::net::IpAddr;

use bytes::Bytes;

use super::ProbeRefusal;
use super::address::{AddressBook, Way};
use super::policy;
use crate::wire::{Family, Query, Reply};
use crate::{Advertise, Datagram, ListenerRule, Offer, limits};

/// Distinct offers, our own first.
#[derive(Debug)]
pub(super) struct Offers {
    standing: Vec<Standing>,
    own: usize,
    /// The address that our socket is bound to.
    bound: Option<IpAddr>,
}

#[derive(Debug)]
struct Standing {
    offer: Offer,
    /// The address that is named in any case: a configured one, or the only one that is bound.
    fixed: Option<IpAddr>,
    /// Replies, encoded once and kept.
    kept: Vec<(IpAddr, Bytes)>,
    is_told_silent: bool,
}

/// Some of the offers, by their positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct OfferSet(u64);

const _: () = assert!(limits::OFFERS_MAX <= u64::BITS as usize);

impl OfferSet {
    fn insert(&mut self, position: usize) {
        self.0 |= 1 << position;
    }

    pub(super) fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The positions from `start` on, and then those before.
    pub(super) fn iter_from(self, start: usize) -> impl Iterator<Item = usize> {
        let below = self.0 & ((1 << start) - 1);
        each(self.0 & !below).chain(each(below))
    }

    pub(super) fn iter(self) -> impl Iterator<Item = usize> {
        each(self.0)
    }
}

fn each(mut rest: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let position = rest.trailing_zeros() as usize;
        (rest != 0).then(|| {
            rest &= rest - 1;
            position
        })
    })
}

impl Offers {
    pub(super) fn new(
        own: impl Iterator<Item = Offer>,
        bound: Option<IpAddr>,
        book: &AddressBook,
    ) -> Self {
        let mut offers = Self { standing: Vec::new(), own: 0, bound };
        offers.add(own, book);
        offers.own = offers.standing.len();
        offers
    }

    /// Replaces what processes that stand by offer.
    pub(super) fn replace(&mut self, others: impl Iterator<Item = Offer>, book: &AddressBook) {
        self.standing.truncate(self.own);
        self.add(others, book);
    }

    fn add(&mut self, offers: impl Iterator<Item = Offer>, book: &AddressBook) {
        for offer in offers {
            let is_known = self.standing.iter().any(|standing| standing.offer == offer);
            if !is_known && self.standing.len() < limits::OFFERS_MAX {
                let fixed = fixed(&offer, book);
                let (kept, is_told_silent) = (Vec::new(), false);
                self.standing.push(Standing { offer, fixed, kept, is_told_silent });
            }
        }
    }

    /// Takes the host's own addresses anew.
    pub(super) fn refresh(&mut self, book: &AddressBook) {
        for standing in &mut self.standing {
            standing.fixed = fixed(&standing.offer, book);
            standing.kept.clear();
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Offer> + Clone {
        self.standing.iter().map(|standing| &standing.offer)
    }

    pub(super) fn get(&self, position: usize) -> Option<&Offer> {
        self.standing.get(position).map(|standing| &standing.offer)
    }

    pub(super) fn is_own(&self, position: usize) -> bool {
        position < self.own
    }

    /// The offers whose probe the datagram is.
    pub(super) fn matching(&self, datagram: &Datagram<'_>) -> Result<OfferSet, ProbeRefusal> {
        let (mut set, mut why) = (OfferSet::default(), ProbeRefusal::Foreign);
        for (position, standing) in self.standing.iter().enumerate() {
            let codec = &standing.offer.codec;
            match codec.decode_query(datagram.payload) {
                Ok(Query::Discover) if codec.speaks(Family::from(datagram.source)) => {
                    set.insert(position);
                }
                Ok(_) => why = ProbeRefusal::SourceUnusable,
                Err(error) if why == ProbeRefusal::Foreign => why = error.into(),
                Err(_) => {}
            }
        }
        if set == OfferSet::default() { Err(why) } else { Ok(set) }
    }

    /// Those of them that answer the asker.
    pub(super) fn admitting(
        &self,
        matching: OfferSet,
        book: &AddressBook,
        way: Way,
    ) -> Result<OfferSet, ProbeRefusal> {
        let (mut set, mut why) = (OfferSet::default(), ProbeRefusal::SourceNotAllowed);
        for position in matching.iter() {
            let offer = &self.standing[position].offer;
            let is_called = offer.bound.is_none() || offer.bound == self.bound;
            if !is_called && offer.bound != way.called {
                continue;
            }
            match policy::admit(offer, book, way.asker, way.arrived_on) {
                Ok(()) => set.insert(position),
                Err(refusal) => why = refusal,
            }
        }
        if set == OfferSet::default() { Err(why) } else { Ok(set) }
    }

    /// Whether one of them names an address of ours that the asker can reach, rather than a fixed
    /// one.
    pub(super) fn name_ours(&self, set: OfferSet) -> bool {
        set.iter().any(|position| self.standing[position].fixed.is_none())
    }

    /// The ports on which one of them needs a listener.
    pub(super) fn ports_listened_on(&self, set: OfferSet) -> impl Iterator<Item = u16> + '_ {
        let offers = set.iter().map(|position| &self.standing[position].offer);
        offers.filter(|o| o.listener != ListenerRule::NotRequired).map(Offer::port)
    }

    pub(super) fn fixed(&self, position: usize) -> Option<IpAddr> {
        self.standing[position].fixed
    }

    /// The reply that names `named`; `None` if the protocol cannot.
    pub(super) fn reply(&mut self, position: usize, named: IpAddr) -> Option<Bytes> {
        let standing = &mut self.standing[position];
        if let Some((_, kept)) = standing.kept.iter().find(|(address, _)| *address == named) {
            return Some(kept.clone());
        }
        let reply = Reply { address: named, port: standing.offer.service_port };
        let encoded = standing.offer.codec.encode_reply(&reply)?;
        if standing.kept.len() < limits::OWN_ADDRESSES_MAX {
            standing.kept.push((named, encoded.clone()));
        }
        Some(encoded)
    }

    /// Notes that an offer is silent for want of a listener. Says whether that is new.
    pub(super) fn is_newly_silent(&mut self, position: usize) -> bool {
        !std::mem::replace(&mut self.standing[position].is_told_silent, true)
    }
}

fn fixed(offer: &Offer, book: &AddressBook) -> Option<IpAddr> {
    match offer.advertise {
        Advertise::Auto => offer.bound.filter(|&bound| book.is_host(bound)),
        Advertise::Address(address) => Some(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_listed_from_anywhere() {
        let mut set = OfferSet::default();
        for position in [0, 3, 63] {
            set.insert(position);
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 3, 63]);
        assert_eq!(set.iter_from(1).collect::<Vec<_>>(), [3, 63, 0]);
        assert_eq!(set.iter_from(63).collect::<Vec<_>>(), [63, 0, 3]);
        assert_eq!(set.len(), 3);
    }
}
