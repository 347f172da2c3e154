//! Whether services accept connections: which addresses to connect to, when, and what came of it.

mod state;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tracing::debug;

use crate::limits::{CHECK_STAGGER, CHECK_TIMEOUT, CHECKS_AT_A_TIME};
pub use state::{CheckState, Checked};

/// A server that is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId(usize);

/// A connection that is being opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(u64);

/// Decides when to open a connection to each address of each server.
///
/// Servers are checked at the same time. The addresses of one are tried in their order, in the style
/// of RFC 8305 section 5: the next begins 100 ms after the one before, or at once when that one
/// fails. Unlike there, all of them are tried, since each is reported. A server is decided as soon as
/// one address is open, or when all attempts have ended. One that is only claimed for it, by an answer
/// from elsewhere, leaves the others 100 ms to be opened yet, and is listed after those.
///
/// Driven as the [crate's contract](crate) says, with connections in place of datagrams:
/// [`poll_attempt`](Self::poll_attempt) is a connection to open now. One that
/// [is not running](Self::is_running) any more is to be closed.
#[derive(Debug)]
pub struct CheckEngine {
    checks: Vec<Check>,
    /// When the next address of a server is due.
    due: BTreeSet<(Instant, CheckId)>,
    /// Until when a server of which only claimed addresses are open waits for another.
    waits: BTreeSet<(Instant, CheckId)>,
    /// In the order of their beginnings, and so of their deadlines.
    running: BTreeMap<AttemptId, Attempt>,
    attempts: u64,
    to_open: VecDeque<(AttemptId, SocketAddr)>,
    decided: VecDeque<CheckId>,
    end: Instant,
    is_stopped: bool,
}

#[derive(Debug, Default)]
struct Check {
    addresses: Vec<Checked>,
    /// Those of them that are only claimed.
    claimed: BTreeSet<SocketAddr>,
    begun: usize,
    is_decided: bool,
}

#[derive(Debug)]
struct Attempt {
    of: CheckId,
    address: usize,
    begun: Instant,
}

impl CheckEngine {
    /// No connection is awaited beyond `end`.
    pub fn new(end: Instant) -> Self {
        Self {
            checks: Vec::new(),
            due: BTreeSet::new(),
            waits: BTreeSet::new(),
            running: BTreeMap::new(),
            attempts: 0,
            to_open: VecDeque::new(),
            decided: VecDeque::new(),
            end,
            is_stopped: false,
        }
    }

    /// Begins to check a server at these addresses, the most likely one first.
    pub fn begin(
        &mut self,
        now: Instant,
        addresses: impl IntoIterator<Item = SocketAddr>,
    ) -> CheckId {
        let id = CheckId(self.checks.len());
        self.checks.push(Check::default());
        self.add(now, id, addresses);
        if self.checks[id.0].addresses.is_empty() || self.is_stopped {
            self.decide(id);
        }
        id
    }

    /// Has these addresses of a server checked too; those that are known already are not checked
    /// again.
    pub fn add(
        &mut self,
        now: Instant,
        id: CheckId,
        addresses: impl IntoIterator<Item = SocketAddr>,
    ) {
        let Some(check) = self.checks.get_mut(id.0) else { return };
        let was_all_begun = check.begun == check.addresses.len();
        for address in addresses {
            if check.addresses.iter().all(|known| known.address != address) {
                check.addresses.push(Checked::unknown(address));
            }
        }
        if was_all_begun && check.begun < check.addresses.len() && !self.is_stopped {
            self.due.insert((now, id));
        }
        self.open_due(now);
    }

    /// Takes note that answers from elsewhere claim these addresses for a server, whether they are
    /// [checked](Self::add) already or later.
    pub fn claim(&mut self, id: CheckId, addresses: impl IntoIterator<Item = SocketAddr>) {
        if let Some(check) = self.checks.get_mut(id.0) {
            check.claimed.extend(addresses);
        }
    }

    /// Takes note of how an attempt ended.
    pub fn handle_result(&mut self, now: Instant, attempt: AttemptId, state: CheckState) {
        if let Some(ended) = self.running.remove(&attempt) {
            self.note(now, &ended, state);
            self.open_due(now);
        }
    }

    /// Gives up attempts that take too long, and begins those that are due.
    pub fn handle_timeout(&mut self, now: Instant) {
        if now >= self.end {
            self.stop();
            return;
        }
        while let Some(first) = self.running.first_entry() {
            if first.get().begun + CHECK_TIMEOUT > now {
                break;
            }
            let late = first.remove();
            self.note(now, &late, CheckState::Timeout);
        }
        while let Some(&(over, id)) = self.waits.first()
            && over <= now
        {
            self.decide(id);
        }
        self.open_due(now);
    }

    /// Ends all checks: what is not known by now stays unknown.
    pub fn stop(&mut self) {
        self.is_stopped = true;
        self.due.clear();
        self.waits.clear();
        self.running.clear();
        self.to_open.clear();
        (0..self.checks.len()).for_each(|n| self.decide(CheckId(n)));
    }

    /// When to call [`handle_timeout`](Self::handle_timeout); `None` while nothing is checked.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let late = self.running.values().next().map(|first| first.begun + CHECK_TIMEOUT);
        let due = self.due.first().map(|(due, _)| *due);
        let due = due.filter(|_| self.running.len() < CHECKS_AT_A_TIME);
        let over = self.waits.first().map(|(over, _)| *over);
        Some(late.into_iter().chain(due).chain(over).min()?.min(self.end))
    }

    /// The next connection to open, at once.
    pub fn poll_attempt(&mut self) -> Option<(AttemptId, SocketAddr)> {
        self.to_open.pop_front()
    }

    /// Whether the end of an attempt is still awaited.
    pub fn is_running(&self, attempt: AttemptId) -> bool {
        self.running.contains_key(&attempt)
    }

    /// The next server of which it is known whether it accepts connections. Each is returned once.
    pub fn poll_decided(&mut self) -> Option<CheckId> {
        self.decided.pop_front()
    }

    /// What is known of a server's addresses: the open ones first, the fastest of them at the top
    /// and those that are only claimed at the end, then the others in the order that they are tried
    /// in.
    pub fn results(&self, id: CheckId) -> Vec<Checked> {
        let Some(check) = self.checks.get(id.0) else { return Vec::new() };
        let mut results = check.addresses.clone();
        results.sort_by_key(|checked| match checked.state {
            CheckState::Open => (false, check.is_claimed(checked), checked.took),
            _ => (true, false, None),
        });
        results
    }

    fn open_due(&mut self, now: Instant) {
        while self.running.len() < CHECKS_AT_A_TIME
            && let Some(&(due, id)) = self.due.first()
            && due <= now
        {
            self.due.pop_first();
            let check = &mut self.checks[id.0];
            let address = check.begun;
            let Some(checked) = check.addresses.get(address) else { continue };
            check.begun += 1;
            let attempt = AttemptId(self.attempts);
            self.attempts += 1;
            self.to_open.push_back((attempt, checked.address));
            self.running.insert(attempt, Attempt { of: id, address, begun: now });
            if check.begun < check.addresses.len() {
                self.due.insert((now + CHECK_STAGGER, id));
            }
        }
    }

    fn note(&mut self, now: Instant, attempt: &Attempt, state: CheckState) {
        let id = attempt.of;
        let check = &mut self.checks[id.0];
        let checked = &mut check.addresses[attempt.address];
        let took = now.saturating_duration_since(attempt.begun);
        debug!(address = %checked.address, state = state.as_str(), ?took, "checked");
        checked.state = state;
        checked.took = (state != CheckState::Unknown).then_some(took);
        let is_last_begun = attempt.address + 1 == check.begun;
        let all_begun = check.begun == check.addresses.len();
        if state != CheckState::Open && is_last_begun && !all_begun {
            // RFC 8305 section 5: a failure is no reason to wait.
            self.due.retain(|(_, waits)| *waits != id);
            self.due.insert((now, id));
        }
        if self.is_clear(id) {
            self.decide(id);
        } else if state == CheckState::Open && !self.is_settled(id) {
            self.waits.insert((now + CHECK_STAGGER, id));
        }
    }

    /// Whether enough is known of a server to hand it out.
    fn is_clear(&self, id: CheckId) -> bool {
        let check = &self.checks[id.0];
        let is_open = |checked: &&Checked| checked.state == CheckState::Open;
        let mut open = check.addresses.iter().filter(is_open);
        if open.any(|checked| !check.is_claimed(checked)) {
            return true;
        }
        let is_awaited = |n: usize| {
            n >= check.begun || self.running.values().any(|it| it.of == id && it.address == n)
        };
        let has_claim_only = check.addresses.iter().any(|checked| is_open(&checked));
        let mut others = check.addresses.iter().enumerate();
        !others.any(|(n, it)| is_awaited(n) && !(has_claim_only && check.is_claimed(it)))
    }

    /// Whether it is known when a server is handed out at the latest.
    fn is_settled(&self, id: CheckId) -> bool {
        self.checks[id.0].is_decided || self.waits.iter().any(|(_, waits)| *waits == id)
    }

    fn decide(&mut self, id: CheckId) {
        self.waits.retain(|(_, waits)| *waits != id);
        if !std::mem::replace(&mut self.checks[id.0].is_decided, true) {
            self.decided.push_back(id);
        }
    }
}

impl Check {
    fn is_claimed(&self, checked: &Checked) -> bool {
        self.claimed.contains(&checked.address)
    }
}

/// The latest end of the checks of a discovery that ends at `deadline`.
pub fn checks_end(deadline: Instant) -> Instant {
    deadline + CHECK_TIMEOUT
}

impl Checked {
    fn unknown(address: SocketAddr) -> Self {
        Self { address, state: CheckState::Unknown, took: None::<Duration> }
    }
}
