use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use cooee_core::{ListedOffer, Offer, OfferRefusal, OfferRequest, OfferResponse, limits};
use rustix::event::{Timespec, epoll};

use super::guard::Guard;
use super::offerer::{Heard, Offerer};

/// What processes that stand by offer, as long as they live.
#[derive(Debug)]
pub(in crate::ownership) struct OfferTable {
    /// Readable when there is something to look at.
    epoll: OwnedFd,
    /// A group whose processes are heard, besides those of root and of our own user.
    group: Option<u32>,
    own: Vec<Offer>,
    /// What others offer, as it was last handed on.
    others: Vec<Offer>,
    offerers: Vec<Offerer>,
    next_token: u64,
    seen: u64,
    may_accept: usize,
    accepting: Accepting,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Accepting {
    Yes,
    /// Until somebody leaves.
    Full,
    /// Not until then: the system had no descriptor, or others connect again and again.
    Until(Instant),
}

/// What an event of the poller is about: a connection, the end of its process, or the guard.
const GUARD: u64 = u64::MAX;
const END: u64 = 1 << 63;

impl OfferTable {
    const SHORTAGE: Duration = Duration::from_secs(1);
    /// The pause after a process was turned away: it may come back at once.
    const TURNED_AWAY: Duration = Duration::from_millis(100);
    /// Events that are looked at together, and how often before the port is looked after again:
    /// more than all connections, their ends and the guard can have.
    const AT_ONCE: usize = 32;
    const ROUNDS: usize = limits::OFFERERS_MAX * 2 / Self::AT_ONCE + 1;
    /// Connections that are accepted before the port is looked after again.
    const ACCEPTED_AT_ONCE: usize = 32;

    pub(in crate::ownership) fn new(
        guard: &Guard,
        own: Vec<Offer>,
        group: Option<u32>,
    ) -> io::Result<Self> {
        let table = Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            group,
            own,
            others: Vec::new(),
            offerers: Vec::new(),
            next_token: 0,
            seen: 0,
            may_accept: Self::ACCEPTED_AT_ONCE,
            accepting: Accepting::Yes,
        };
        table.add(guard.as_fd(), GUARD)?;
        Ok(table)
    }

    /// Looks at what has changed: the offers of others, if they are other ones now.
    pub(in crate::ownership) fn look(&mut self, now: Instant, guard: &Guard) -> Option<Vec<Offer>> {
        self.accept_again(now, guard);
        let mut is_changed = false;
        self.may_accept = Self::ACCEPTED_AT_ONCE;
        // A driver may be told once only of all there is to look at.
        for _ in 0..Self::ROUNDS {
            let (looked_at, changed) = self.look_once(now, guard);
            is_changed |= changed;
            if looked_at == 0 {
                break;
            }
        }
        self.accept_again(now, guard);
        if is_changed { self.settle() } else { None }
    }

    /// How much there was to look at, and whether what is offered may be other than before.
    fn look_once(&mut self, now: Instant, guard: &Guard) -> (usize, bool) {
        let mut room = [MaybeUninit::uninit(); Self::AT_ONCE];
        let events = match epoll::wait(&self.epoll, &mut room, Some(&Timespec::default())) {
            Ok((events, _)) => &*events,
            Err(error) => {
                tracing::debug!(%error, "the offers of other processes cannot be looked at");
                return (0, false);
            }
        };
        let mut is_changed = false;
        for event in events {
            match event.data.u64() {
                GUARD => self.accept(now, guard),
                token => is_changed |= self.hear(now, token & !END, token & END != 0),
            }
        }
        (events.len(), is_changed)
    }

    fn accept(&mut self, now: Instant, guard: &Guard) {
        while self.accepting == Accepting::Yes {
            if self.may_accept == 0 {
                return self.stop_accepting(guard, Accepting::Until(now + Self::TURNED_AWAY));
            }
            self.may_accept -= 1;
            if self.offerers.len() >= limits::OFFERERS_MAX {
                return self.stop_accepting(guard, Accepting::Full);
            }
            match guard.accept() {
                Ok(connection) => {
                    if !self.admit(connection) {
                        self.stop_accepting(guard, Accepting::Until(now + Self::TURNED_AWAY));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // It left before it was accepted, or a signal came.
                Err(error)
                    if [io::ErrorKind::ConnectionAborted, io::ErrorKind::Interrupted]
                        .contains(&error.kind()) => {}
                Err(error) => {
                    tracing::warn!(%error, "a process that stands by cannot be heard");
                    return self.stop_accepting(guard, Accepting::Until(now + Self::SHORTAGE));
                }
            }
        }
    }

    /// Says whether a process may be heard. One whose connection is dropped tries again, later and
    /// later.
    fn admit(&mut self, connection: OwnedFd) -> bool {
        let token = self.next_token;
        let Some(mut offerer) = Offerer::new(token, connection, self.group) else { return true };
        let untrusted = self.offerers.iter().filter(|offerer| !offerer.is_trusted).count();
        if !offerer.is_trusted && untrusted >= limits::OFFERERS_UNTRUSTED {
            // Read what it has sent: else the kernel drops the refusal with it.
            offerer.hear();
            offerer.tell(OfferResponse::Refused(OfferRefusal::NotTrusted));
            return false;
        }
        let watched = self.add(offerer.connection(), token).and_then(|()| match offerer.end() {
            Some(end) => self.add(end, token | END),
            None => Ok(()),
        });
        if let Err(error) = watched {
            tracing::warn!(%error, "a process that stands by cannot be heard");
            self.remove(offerer.connection());
            return false;
        }
        self.next_token += 1;
        self.seen += 1;
        self.offerers.push(offerer);
        true
    }

    /// When to look again even if nothing is readable.
    pub(in crate::ownership) fn due(&self) -> Option<Instant> {
        match self.accepting {
            Accepting::Until(until) => Some(until),
            Accepting::Yes | Accepting::Full => None,
        }
    }

    /// Hears what a process has to say; says whether what is offered may be other than before.
    fn hear(&mut self, now: Instant, token: u64, has_ended: bool) -> bool {
        let Some(index) = self.offerers.iter().position(|o| o.token == token) else {
            return false;
        };
        let heard = if has_ended { Heard::End } else { self.offerers[index].hear() };
        match heard {
            Heard::Offers => true,
            Heard::Nothing => false,
            Heard::List => {
                let listed = self.listed();
                self.offerers[index].send(&OfferResponse::Listed(listed));
                false
            }
            Heard::End => {
                let offerer = self.offerers.remove(index);
                self.seen += 1;
                self.remove(offerer.connection());
                if let Some(end) = offerer.end() {
                    self.remove(end);
                }
                if self.accepting == Accepting::Full {
                    self.accepting = Accepting::Until(now);
                }
                !offerer.offers.is_empty()
            }
        }
    }

    fn listed(&self) -> Vec<ListedOffer> {
        let own = self.own.iter().map(|offer| (Some(std::process::id()), offer));
        let others = self.offerers.iter().flat_map(|o| o.offers.iter().map(|offer| (o.pid, offer)));
        let is_short = |offer: &Offer| OfferRequest::Offer(vec![offer.clone()]).encode().is_ok();
        let all = own.chain(others).filter(|(_, offer)| is_short(offer)).take(limits::OFFERS_MAX);
        all.map(|(pid, offer)| ListedOffer { pid, offer: offer.clone() }).collect()
    }

    /// Decides which offers are taken, and tells each process; the offers, if they are other ones.
    fn settle(&mut self) -> Option<Vec<Offer>> {
        let room = limits::OFFERS_MAX.saturating_sub(self.own.len());
        let mut taken: Vec<Offer> = Vec::new();
        for offerer in self.offerers.iter_mut().filter(|offerer| !offerer.offers.is_empty()) {
            let offers = offerer.offers.iter();
            let new: Vec<_> = offers
                .filter(|offer| !self.own.contains(offer) && !taken.contains(offer))
                .cloned()
                .collect();
            let standing = || self.own.iter().chain(&taken);
            if new.iter().any(|offer| standing().any(|other| offer.echoes(other))) {
                offerer.tell(OfferResponse::Refused(OfferRefusal::Echo));
                continue;
            }
            if taken.len() + new.len() > room {
                offerer.tell(OfferResponse::Refused(OfferRefusal::Full));
                continue;
            }
            offerer.tell(OfferResponse::Taken { is_new: !new.is_empty() });
            taken.extend(new);
        }
        if taken == self.others {
            return None;
        }
        self.others.clone_from(&taken);
        Some(taken)
    }

    /// Tells the processes that made an offer that nothing listens for it.
    pub(in crate::ownership) fn tell_not_listening(&self, offer: &Offer) {
        let response = OfferResponse::NotListening { port: offer.port() };
        for offerer in self.offerers.iter().filter(|offerer| offerer.offers.contains(offer)) {
            offerer.send(&response);
        }
    }

    /// Changes with the connections.
    pub(in crate::ownership) fn seen(&self) -> u64 {
        self.seen
    }

    /// The connections, which must not stay open in a child.
    pub(in crate::ownership) fn connections(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.offerers.iter().map(Offerer::connection)
    }

    fn stop_accepting(&mut self, guard: &Guard, accepting: Accepting) {
        self.remove(guard.as_fd());
        self.accepting = accepting;
    }

    fn accept_again(&mut self, now: Instant, guard: &Guard) {
        if matches!(self.accepting, Accepting::Until(until) if until <= now)
            && self.add(guard.as_fd(), GUARD).is_ok()
        {
            self.accepting = Accepting::Yes;
        }
    }

    fn add(&self, source: BorrowedFd<'_>, token: u64) -> io::Result<()> {
        let data = epoll::EventData::new_u64(token);
        Ok(epoll::add(&self.epoll, source, data, epoll::EventFlags::IN)?)
    }

    fn remove(&self, source: BorrowedFd<'_>) {
        // That it is not there is fine.
        let _ = epoll::delete(&self.epoll, source);
    }
}

impl AsFd for OfferTable {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }
}
