//! What is offered: by our own service, and by processes that stand by.

use std::net::IpAddr;

use bytes::Bytes;

use super::ProbeRefusal;
use super::address::{AddressBook, Way};
use super::policy;
use crate::wire::{Family, Others, Query, Reply};
use crate::{Advertise, Datagram, ListenerRule, Offer, limits};

/// Distinct offers, our own first.
#[derive(Debug)]
pub(super) struct Offers {
    standing: Vec<Standing>,
    /// Those that name a fixed address.
    fixed: OfferSet,
    /// Those that need a listener.
    listening: OfferSet,
    /// Those that answer over IPv4, and over IPv6.
    over_v4: OfferSet,
    over_v6: OfferSet,
    /// Those for one address of ours, though the socket is bound to others too.
    elsewhere: OfferSet,
    own: usize,
    /// The address that our socket is bound to.
    bound: Option<IpAddr>,
}

#[derive(Debug)]
struct Standing {
    offer: Offer,
    /// The address that is named in any case: a configured one, or the only one that is bound.
    fixed: Option<IpAddr>,
    /// Replies to probes over IPv4, encoded once and kept by the address that they name.
    kept: Vec<(IpAddr, Bytes)>,
    /// The same over IPv6.
    kept_v6: Vec<(Reply, Bytes)>,
    is_told_silent: bool,
}

/// Some of the offers, by their positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct OfferSet(u64);

const _: () = assert!(limits::OFFERS_MAX <= u64::BITS as usize);

impl OfferSet {
    fn one(position: usize) -> Self {
        Self(1 << position)
    }

    #[inline]
    fn insert(&mut self, position: usize) {
        self.0 |= 1 << position;
    }

    #[inline]
    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[inline]
    fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    #[inline]
    fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[inline]
    fn has(self, position: usize) -> bool {
        self.0 & (1 << position) != 0
    }

    /// The only one, if there is but one.
    #[inline]
    pub(super) fn only(self) -> Option<usize> {
        self.0.is_power_of_two().then(|| self.0.trailing_zeros() as usize)
    }

    pub(super) fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Takes the first one out.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<usize> {
        let position = self.0.trailing_zeros() as usize;
        self.0 &= self.0.checked_sub(1)?;
        Some(position)
    }

    /// Those from `start` on, and those before.
    pub(super) fn split_at(self, start: usize) -> [Self; 2] {
        let before = Self(Self::one(start).0 - 1);
        [self.without(before), self.and(before)]
    }
}

impl Offers {
    pub(super) fn new(
        own: impl Iterator<Item = Offer>,
        bound: Option<IpAddr>,
        book: &AddressBook,
    ) -> Self {
        let mut offers = Self {
            standing: Vec::new(),
            fixed: OfferSet::default(),
            listening: OfferSet::default(),
            over_v4: OfferSet::default(),
            over_v6: OfferSet::default(),
            elsewhere: OfferSet::default(),
            own: 0,
            bound,
        };
        offers.add(own, book, &[]);
        offers.own = offers.standing.len();
        offers
    }

    /// Replaces what processes that stand by offer.
    pub(super) fn replace(&mut self, others: impl Iterator<Item = Offer>, book: &AddressBook) {
        let before = self.standing.split_off(self.own).into_iter();
        let silent: Vec<_> = before.filter(|s| s.is_told_silent).map(|s| s.offer).collect();
        self.add(others, book, &silent);
    }

    /// Adds those that are not there, of which the `silent` ones were told of.
    fn add(&mut self, offers: impl Iterator<Item = Offer>, book: &AddressBook, silent: &[Offer]) {
        for offer in offers {
            let mut standing = self.standing.iter().map(|standing| &standing.offer);
            let is_one_more = standing.all(|other| *other != offer && !offer.echoes(other));
            if is_one_more && self.standing.len() < limits::OFFERS_MAX {
                let fixed = fixed(&offer, book);
                let (kept, kept_v6) = (Vec::new(), Vec::new());
                let is_told_silent = silent.contains(&offer);
                self.standing.push(Standing { offer, fixed, kept, kept_v6, is_told_silent });
            }
        }
        self.classify();
    }

    fn classify(&mut self) {
        (self.fixed, self.listening, self.elsewhere) = Default::default();
        (self.over_v4, self.over_v6) = Default::default();
        for (position, standing) in self.standing.iter().enumerate() {
            if standing.fixed.is_some() {
                self.fixed.insert(position);
            }
            if standing.offer.listener != ListenerRule::NotRequired {
                self.listening.insert(position);
            }
            if standing.offer.families.has(Family::V4) {
                self.over_v4.insert(position);
            }
            if standing.offer.families.has(Family::V6) {
                self.over_v6.insert(position);
            }
            if standing.offer.bound.is_some() && standing.offer.bound != self.bound {
                self.elsewhere.insert(position);
            }
        }
    }

    /// Takes the host's own addresses anew.
    pub(super) fn refresh(&mut self, book: &AddressBook) {
        for standing in &mut self.standing {
            standing.fixed = fixed(&standing.offer, book);
            standing.kept.clear();
            standing.kept_v6.clear();
        }
        self.classify();
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
    #[inline]
    pub(super) fn matching(&self, datagram: &Datagram<'_>) -> Result<OfferSet, ProbeRefusal> {
        let spoken = if datagram.source.is_ipv4() { self.over_v4 } else { self.over_v6 };
        if let [only] = self.standing.as_slice() {
            return match only.offer.codec.decode_query(datagram.payload) {
                Ok(_) if spoken.has(0) => Ok(OfferSet::one(0)),
                Ok(_) => Err(ProbeRefusal::SourceUnusable),
                Err(error) => Err(error.into()),
            };
        }
        let (mut set, mut why) = (OfferSet::default(), ProbeRefusal::Foreign);
        for (position, standing) in self.standing.iter().enumerate() {
            let codec = &standing.offer.codec;
            match codec.decode_query(datagram.payload) {
                Ok(Query::Discover) if spoken.has(position) => set.insert(position),
                Ok(_) => why = ProbeRefusal::SourceUnusable,
                Err(error) if why == ProbeRefusal::Foreign => why = error.into(),
                Err(_) => {}
            }
        }
        if set.is_empty() { Err(why) } else { Ok(set) }
    }

    /// Those of them that answer the asker.
    #[inline]
    pub(super) fn admitting(
        &self,
        mut matching: OfferSet,
        book: &AddressBook,
        way: &Way,
    ) -> Result<OfferSet, ProbeRefusal> {
        if let Some(position) = matching.only().filter(|&position| !self.elsewhere.has(position)) {
            let offer = &self.standing[position].offer;
            return policy::admit(offer, book, way.asker, way.arrived_on).map(|()| matching);
        }
        let (mut set, mut why) = (OfferSet::default(), ProbeRefusal::SourceNotAllowed);
        while let Some(position) = matching.pop() {
            let offer = &self.standing[position].offer;
            if self.elsewhere.has(position) && offer.bound != way.called {
                continue;
            }
            match policy::admit(offer, book, way.asker, way.arrived_on) {
                Ok(()) => set.insert(position),
                Err(refusal) => why = refusal,
            }
        }
        if set.is_empty() { Err(why) } else { Ok(set) }
    }

    /// Whether one of them names an address of ours that the asker can reach, rather than a fixed
    /// one.
    #[inline]
    pub(super) fn name_ours(&self, set: OfferSet) -> bool {
        !set.without(self.fixed).is_empty()
    }

    /// The ports on which one of them needs a listener.
    pub(super) fn ports_listened_on(&self, set: OfferSet) -> impl Iterator<Item = u16> + '_ {
        let mut listening = set.and(self.listening);
        std::iter::from_fn(move || Some(self.standing[listening.pop()?].offer.port()))
    }

    /// Whether one of them needs a listener.
    #[inline]
    pub(super) fn need_listeners(&self, set: OfferSet) -> bool {
        !set.and(self.listening).is_empty()
    }

    /// An offer, and the address that it names in any case.
    #[inline]
    pub(super) fn get_with_address(&self, position: usize) -> Option<(&Offer, Option<IpAddr>)> {
        self.standing.get(position).map(|standing| (&standing.offer, standing.fixed))
    }

    /// Whether an offer needs a listener.
    pub(super) fn listens(&self, position: usize) -> bool {
        self.listening.has(position)
    }

    /// The reply that names the fixed address, or else `ours`.
    #[inline]
    pub(super) fn reply(
        &mut self,
        position: usize,
        ours: Option<IpAddr>,
    ) -> Result<&Bytes, ProbeRefusal> {
        let standing = self.standing.get_mut(position).ok_or(ProbeRefusal::Busy)?;
        let named = standing.fixed.or(ours).ok_or(ProbeRefusal::NoRoute)?;
        match standing.kept.iter().position(|(address, _)| *address == named) {
            Some(place) => Ok(&standing.kept[place].1),
            None => standing.encode(named),
        }
    }

    /// The reply to a probe over IPv6 that names the fixed address, or else `ours` and the IPv4
    /// addresses beside it.
    pub(super) fn reply_v6(
        &mut self,
        position: usize,
        ours: Option<IpAddr>,
        others: Others,
    ) -> Result<&Bytes, ProbeRefusal> {
        let standing = self.standing.get_mut(position).ok_or(ProbeRefusal::Busy)?;
        let port = standing.offer.service_port;
        let reply = match (standing.fixed, ours) {
            (Some(fixed), _) => Reply::new(fixed, port),
            (None, Some(ours)) => Reply { address: ours, port, others },
            (None, None) => return Err(ProbeRefusal::NoRoute),
        };
        let kept = &mut standing.kept_v6;
        let place = match kept.iter().position(|(of, _)| *of == reply) {
            Some(place) => place,
            None => keep(kept, reply, encode(&standing.offer, &reply)?),
        };
        Ok(&kept[place].1)
    }

    /// Notes that an offer is silent for want of a listener. Says whether that is new.
    pub(super) fn is_newly_silent(&mut self, position: usize) -> bool {
        !std::mem::replace(&mut self.standing[position].is_told_silent, true)
    }
}

impl Standing {
    /// Encodes the reply over IPv4 that names `named`, and keeps it. An IPv6 address is not named
    /// there: the stock programs could not read it.
    #[cold]
    fn encode(&mut self, named: IpAddr) -> Result<&Bytes, ProbeRefusal> {
        if self.offer.classic().is_some() && named.is_ipv6() {
            return Err(ProbeRefusal::Unnameable);
        }
        let reply = encode(&self.offer, &Reply::new(named, self.offer.service_port))?;
        let place = keep(&mut self.kept, named, reply);
        Ok(&self.kept[place].1)
    }
}

fn encode(offer: &Offer, reply: &Reply) -> Result<Bytes, ProbeRefusal> {
    offer.codec.encode_reply(reply).ok_or(ProbeRefusal::Unnameable)
}

/// Keeps a reply, and says where. The host's own addresses are few; what is kept beyond that is the
/// last one.
fn keep<K>(kept: &mut Vec<(K, Bytes)>, key: K, reply: Bytes) -> usize {
    kept.truncate(limits::OWN_ADDRESSES_MAX - 1);
    kept.push((key, reply));
    kept.len() - 1
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

    fn positions(mut set: OfferSet) -> Vec<usize> {
        std::iter::from_fn(|| set.pop()).collect()
    }

    #[test]
    fn a_set_is_listed_from_anywhere() {
        let mut set = OfferSet::default();
        for position in [0, 3, 63] {
            set.insert(position);
        }
        assert_eq!((positions(set), set.len()), (vec![0, 3, 63], 3));
        for (start, from, before) in
            [(0, vec![0, 3, 63], vec![]), (1, vec![3, 63], vec![0]), (63, vec![63], vec![0, 3])]
        {
            assert_eq!(set.split_at(start).map(positions), [from, before]);
        }
    }
}
