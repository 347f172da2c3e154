//! One server of the live view.

use std::net::IpAddr;

use super::event::{Departure, PresenceEvent};
use super::key::Key;
use super::odds::Attendance;
use crate::announced::AnnouncedKey;
use crate::wire::Protocol;
use crate::{ServerRecord, Trust, limits};

/// Numbers the rounds.
pub(super) type Round = u64;

/// Whether a server has another address instead of the one that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moves {
    No,
    /// The next rounds decide.
    Perhaps,
    Yes,
}

/// A server, what was told of it, and how often it is heard.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) record: ServerRecord,
    told: Option<ServerRecord>,
    /// By what it is recognised.
    pub(super) keys: Vec<Key>,
    departed: Option<Departure>,
    pub(super) is_queued: bool,
    attendance: Attendance,
    heard_in: Round,
    /// When it was last heard on the link that is known, unless that was lost since.
    on_link_in: Option<Round>,
    /// When each of its addresses was last heard.
    addresses: Vec<(IpAddr, Round)>,
    /// An address that it has beside the one that is known or instead of it, and since which round.
    candidate: Option<(IpAddr, Round)>,
    /// Whether the current round is its last chance, and how often it was called alone in that.
    pub(super) is_in_doubt: bool,
    pub(super) last_calls: u32,
    refused_in: Round,
    refusals: u32,
    /// The round in which it said goodbye.
    leaving_since: Option<Round>,
    /// Whether it is another start of the server that was told of.
    has_started_anew: bool,
}

impl Watched {
    /// Rounds for which an address counts that a server is not heard at while it is heard at another:
    /// with a fifth of the datagrams lost each way, all of them are lost once in a billion times.
    const ADDRESS_FOR: Round = 20;
    /// Rounds on end in which a server that is heard on another link is not heard on the one that is known,
    /// until that is given up: with a fifth of the datagrams lost each way, chance does it once in 3,500 times.
    const LINK_FOR: Round = 8;
    /// Rounds on end in which its host has to say that nothing listens there. A service that is
    /// started anew is back before that.
    const REFUSALS: u32 = 3;

    pub(super) fn new(record: ServerRecord, round: Round) -> Self {
        let addresses = record.addresses().map(|ip| (ip, round)).collect();
        Self {
            record,
            told: None,
            keys: Vec::new(),
            departed: None,
            is_queued: false,
            attendance: Attendance::begin(),
            heard_in: round,
            on_link_in: Some(round),
            addresses,
            candidate: None,
            is_in_doubt: false,
            last_calls: 0,
            refused_in: 0,
            refusals: 0,
            leaving_since: None,
            has_started_anew: false,
        }
    }

    /// Whether it is to be known soon at which of two addresses it is.
    pub(super) fn is_undecided(&self, round: Round) -> bool {
        self.candidate.is_some_and(|(_, since)| round - since <= 2)
    }

    pub(super) fn is_gone(&self) -> bool {
        self.departed.is_some()
    }

    pub(super) fn was_heard_in(&self, round: Round) -> bool {
        self.heard_in == round
    }

    pub(super) fn was_heard_at_its_address_in(&self, round: Round) -> bool {
        self.addresses.contains(&(self.record.ip, round))
    }

    /// Whether broadcasts may not reach it.
    pub(super) fn is_called_alone(&self) -> bool {
        use crate::Via::{Broadcast, Host};
        !matches!(self.record.via, Broadcast | Host)
    }

    /// Whether nothing but an announcement tells of it: then that alone decides.
    pub(super) fn is_only_announced(&self) -> bool {
        self.record.protocol == Protocol::DnsSd
    }

    /// Whether it was called in that round, has not answered, and is there.
    pub(super) fn is_missing_in(&self, round: Round) -> bool {
        !self.was_heard_in(round) && !self.is_gone() && !self.is_only_announced()
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.leaving_since.is_some()
    }

    /// Whether it is announced as this instance.
    pub(super) fn is_announced_as(&self, key: &AnnouncedKey) -> bool {
        self.record.named.as_ref().is_some_and(|it| it.key == *key)
    }

    /// It said goodbye. Says whether it is gone; else it is to be called.
    pub(super) fn take_leave(&mut self, round: Round) -> bool {
        if self.is_only_announced() {
            self.departed = Some(Departure::Goodbye);
        } else {
            // Another goodbye does not put off the end of its time.
            self.leaving_since.get_or_insert(round);
        }
        self.is_gone()
    }

    /// The time is over in which it could answer after its goodbye. Says whether it is gone.
    pub(super) fn part(&mut self, round: Round) -> bool {
        let was_called = self.leaving_since.is_some_and(|since| since < round);
        if was_called && self.is_missing_in(round) {
            self.departed = Some(Departure::Goodbye);
        }
        was_called && self.is_gone()
    }

    /// It is announced again, after its goodbye.
    pub(super) fn stay(&mut self) {
        self.leaving_since = None;
    }

    /// Its link is lost.
    pub(super) fn leave_link(&mut self) {
        self.on_link_in = None;
    }

    pub(super) fn start_anew(&mut self) {
        self.has_started_anew = self.told.is_some();
    }

    /// Takes what DNS-SD says of it.
    fn hear_announced(&mut self, heard: &ServerRecord, round: Round) {
        if self.is_only_announced() {
            self.record = heard.clone();
            self.addresses = heard.addresses().map(|ip| (ip, round)).collect();
            self.departed = None;
        } else if self.may_be_called(heard) {
            self.record.named.clone_from(&heard.named);
            // Its goodbye was that of a name that it has no more.
            self.stay();
        }
    }

    /// Whether it takes this name: the first one stays until it is withdrawn, since anybody can announce
    /// another there.
    fn may_be_called(&self, heard: &ServerRecord) -> bool {
        let is_other = match (&self.record.named, &heard.named) {
            (Some(known), Some(heard)) => known.key != heard.key,
            (None, Some(_)) => false,
            (_, None) => return false,
        };
        !is_other || self.is_leaving()
    }

    /// Takes what was heard of it, which is announced at these addresses. Says whether it was the first time
    /// in this round that it was itself heard.
    pub(super) fn hear(
        &mut self,
        heard: &ServerRecord,
        announced: &[IpAddr],
        round: Round,
    ) -> bool {
        if heard.protocol == Protocol::DnsSd {
            self.hear_announced(heard, round);
            return false;
        }
        // What another host says of it is no sign of life.
        let is_no_sign = match self.record.trust {
            Trust::Unverified => self.is_only_announced() && is_hearsay(heard, announced),
            Trust::MatchesSource => heard.trust == Trust::Unverified,
        };
        if is_no_sign {
            return false;
        }
        if self.is_only_announced() {
            let before = std::mem::replace(self, Self::new(heard.clone(), round));
            (self.told, self.keys, self.is_queued) = (before.told, before.keys, before.is_queued);
            self.record.named = self.record.named.take().or(before.record.named);
            return false;
        }
        self.update(heard, announced, round);
        self.departed = None;
        self.is_in_doubt = false;
        self.refusals = 0;
        let is_first = self.heard_in != round;
        if is_first {
            if self.leaving_since.take().is_some() && heard.named.is_none() {
                // It lives, without a name.
                self.record.named = None;
            }
            self.heard_in = round;
            self.attendance.hear();
        }
        is_first
    }

    /// Whether it has another address instead of the one that is known, as it is heard at another.
    ///
    /// One that is announced at both is heard at them in any order, and the older one may be announced for a
    /// second after it was replaced. So that has to be silent in two rounds, or be heard beside the other.
    fn moves(&self, heard: &ServerRecord, announced: &[IpAddr], round: Round) -> Moves {
        let known = &self.record;
        // Several addresses of this host are heard in one round, in any order.
        if known.this_host || known.ip.is_ipv4() != heard.ip.is_ipv4() {
            return Moves::No;
        }
        let is_left = self.on_link_in.is_none_or(|last| last + Self::LINK_FOR <= round);
        if known.interface != heard.interface && is_left {
            return Moves::Yes;
        }
        if heard.addresses().any(|ip| ip == known.ip) {
            return Moves::No;
        }
        let last_heard_at = |of: IpAddr| self.addresses.iter().find(|(ip, _)| *ip == of);
        let are_announced = announced.contains(&known.ip) && announced.contains(&heard.ip);
        match last_heard_at(known.ip).filter(|_| are_announced) {
            None => Moves::Yes,
            Some(_) if last_heard_at(heard.ip).is_some() => Moves::No,
            Some((_, last)) if last + 1 < round => Moves::Yes,
            Some(_) if self.addresses.len() >= limits::OWN_ADDRESSES_MAX => Moves::No,
            Some((_, last)) => {
                let was_before = |(ip, since): (IpAddr, Round)| ip == heard.ip && since < round;
                let is_beside = *last == round && self.candidate.is_some_and(was_before);
                if is_beside { Moves::No } else { Moves::Perhaps }
            }
        }
    }

    fn update(&mut self, heard: &ServerRecord, announced: &[IpAddr], round: Round) {
        let moves = self.moves(heard, announced, round);
        let awaited = self.candidate.filter(|(_, since)| round - since <= Self::ADDRESS_FOR);
        let is_new = self.is_undecided(round);
        self.candidate = match moves {
            Moves::Perhaps => {
                let same = awaited.filter(|(ip, _)| is_new || *ip == heard.ip);
                same.or(Some((heard.ip, round)))
            }
            Moves::No => awaited.filter(|(ip, _)| *ip != heard.ip),
            Moves::Yes => None,
        };
        if moves == Moves::Yes || self.record.interface == heard.interface {
            self.on_link_in = Some(round);
        }
        for ip in heard.addresses().filter(|ip| moves != Moves::Perhaps || *ip != heard.ip) {
            match self.addresses.iter_mut().find(|(known, _)| *known == ip) {
                Some((_, heard_in)) => *heard_in = round,
                None => self.addresses.push((ip, round)),
            }
        }
        self.addresses.truncate(limits::OWN_ADDRESSES_MAX);
        // An instance that another host has taken may still be listed for the server that had it.
        let mut at = heard.addresses().chain(heard.named_beside);
        let is_its_own = announced.is_empty() || at.any(|ip| announced.contains(&ip));
        let is_called = is_its_own && self.may_be_called(heard);
        let named = if is_called { &heard.named } else { &self.record.named };
        let named = named.clone();
        let known = &self.record;
        let is_itself = known.trust == Trust::Unverified && heard.trust == Trust::MatchesSource;
        let is_better = known.ip.is_ipv6() && heard.ip.is_ipv4();
        let has_moved = moves == Moves::Yes;
        if has_moved {
            let before = known.ip;
            self.addresses.retain(|(ip, _)| *ip != before || *ip == heard.ip);
        }
        if (is_itself && moves != Moves::Perhaps) || is_better || has_moved {
            let known = &mut self.record;
            let before = std::mem::replace(known, heard.clone());
            (known.via, known.rtt) = (before.via, before.rtt);
        }
        // Its own answer over IPv6 names every address that it has beside.
        let names_all = heard.source.is_ipv6() && heard.trust == Trust::MatchesSource;
        let before = self.record.named_beside.filter(|_| !names_all);
        self.record.named_beside = heard.named_beside.or(before);
        self.record.rtt = self.record.rtt.or(heard.rtt);
        self.record.named = named;
        self.list_addresses(round);
    }

    fn list_addresses(&mut self, round: Round) {
        self.addresses.retain(|(_, heard_in)| round - heard_in <= Self::ADDRESS_FOR);
        let Some(&(first, _)) = self.addresses.first() else { return };
        let known = &mut self.record;
        if !self.addresses.iter().any(|(ip, _)| *ip == known.ip) {
            known.ip = first;
        }
        let others = self.addresses.iter().map(|(ip, _)| *ip).filter(|ip| *ip != known.ip);
        known.other_addresses = others.collect();
    }

    /// Its host says that nothing listens there. Says whether it is gone, which that proves of one that
    /// said goodbye.
    pub(super) fn refuse(&mut self, round: Round) -> bool {
        self.refused_in = round;
        self.part(round)
    }

    /// It was not heard in a whole round. Says whether it is gone.
    pub(super) fn miss(&mut self, round: Round) -> bool {
        self.attendance.miss();
        let is_refused = self.refused_in == round;
        self.refusals = if is_refused { self.refusals + 1 } else { 0 };
        if self.refusals >= Self::REFUSALS {
            self.departed = Some(Departure::Refused);
        } else if self.is_in_doubt && self.last_calls > 0 {
            self.departed = Some(Departure::Silent);
        }
        self.is_in_doubt = self.attendance.is_in_doubt();
        self.last_calls = 0;
        self.is_gone()
    }

    /// Whether something has to be told of it.
    pub(super) fn has_news(&self) -> bool {
        match &self.told {
            None => !self.is_gone(),
            Some(told) => self.is_gone() || self.has_started_anew || !is_same(told, &self.record),
        }
    }

    /// What is to be told of it now.
    pub(super) fn tell(&mut self, id: u64) -> Option<PresenceEvent> {
        if !self.has_news() {
            return None;
        }
        self.has_started_anew = false;
        let server = self.record.clone();
        Some(match (self.told.replace(server.clone()), self.departed) {
            (_, Some(why)) => PresenceEvent::Gone { id, server, why },
            (None, None) => PresenceEvent::Found { id, server },
            (Some(_), None) => PresenceEvent::Changed { id, server },
        })
    }
}

/// Whether it is the answer of a host that is none of these addresses of its server.
pub(super) fn is_hearsay(answer: &ServerRecord, announced: &[IpAddr]) -> bool {
    answer.trust == Trust::Unverified && !announced.contains(&answer.source.ip())
}

/// Whether nothing differs that a user is told of.
fn is_same(told: &ServerRecord, now: &ServerRecord) -> bool {
    let facts = |it: &ServerRecord| {
        let mut others = it.other_addresses.clone();
        others.sort_unstable();
        let place = (it.ip, it.port, it.interface, it.this_host, others);
        (place, it.protocol, it.trust, it.claimed, it.named.clone())
    };
    facts(told) == facts(now)
}
