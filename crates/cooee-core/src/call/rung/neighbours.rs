//! Calling by unicast the neighbours that the system has resolved, a moment after each round.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::time::{Duration, Instant};

use ipnet::IpNet;

use super::plan::Plan;
use crate::address::may_be_a_host;
use crate::call::probes::Outbox;
use crate::call::schedule::Schedule;
use crate::interface::Interface;
use crate::wire::Family;
use crate::{SocketId, Target, limits};

/// An address, and the index of the interface on whose link it is.
type Neighbour = (IpAddr, u32);

/// Calls the neighbours that have not answered.
///
/// A firewall with connection tracking drops the answer to a broadcast, since it matches no flow.
/// But a host that answers has to ask for our link address first, and so the system's table names
/// it; and the answer to a call to its own address is let in.
#[derive(Debug)]
pub(in crate::call) struct Neighbours {
    port: u16,
    schedule: Schedule,
    /// After how many rounds it calls; `None` for no end.
    most: Option<u32>,
    /// The networks of each interface, and those interfaces on which broadcasts are sent.
    links: Vec<(u32, IpNet)>,
    used: BTreeSet<u32>,
    broadcasts: bool,
    /// When to read the system's table next.
    read_at: Option<Instant>,
    /// The neighbours before the first round.
    known: Option<BTreeSet<Neighbour>>,
    calls: Calls,
    /// The sources of answers, up to as many as there may be servers.
    heard: BTreeSet<IpAddr>,
    queue: VecDeque<Neighbour>,
    /// Those that turned up, have not answered, and may not be called any more.
    left_out: BTreeSet<IpAddr>,
    /// When the next of the queue may be called.
    burst_at: Instant,
}

/// When each neighbour was called.
#[derive(Debug, Default)]
struct Calls {
    made: BTreeMap<Neighbour, Vec<Instant>>,
    in_all: usize,
    to_known: usize,
}

impl Calls {
    /// Calls to one neighbour: one may be lost.
    const EACH: usize = 2;

    fn to(&self, neighbour: &Neighbour) -> usize {
        self.made.get(neighbour).map_or(0, Vec::len)
    }

    fn to_address(&self, address: IpAddr) -> impl Iterator<Item = Instant> + '_ {
        let range = (address, 0)..=(address, u32::MAX);
        self.made.range(range).flat_map(|(_, calls)| calls.iter().copied())
    }

    fn reached(&self, address: IpAddr) -> bool {
        self.in_all > 0 && self.to_address(address).next().is_some()
    }

    fn note(&mut self, now: Instant, neighbour: Neighbour, is_known: bool) {
        self.made.entry(neighbour).or_default().push(now);
        self.in_all += 1;
        self.to_known += usize::from(is_known);
    }
}

impl Neighbours {
    /// The time after a round in which its answers arrive on most networks. What was not answered
    /// then may have been dropped.
    const AFTER_ROUND: Duration = Duration::from_millis(50);

    pub(in crate::call) fn new(
        port: u16,
        interfaces: &[Interface],
        schedule: Schedule,
        now: Instant,
    ) -> Self {
        Self {
            port,
            schedule,
            most: None,
            links: links(interfaces),
            used: BTreeSet::new(),
            broadcasts: false,
            read_at: None,
            known: None,
            calls: Calls::default(),
            heard: BTreeSet::new(),
            queue: VecDeque::new(),
            left_out: BTreeSet::new(),
            burst_at: now,
        }
    }

    /// The same after so many rounds and no more.
    pub(in crate::call) fn only(self, rounds: Option<u32>) -> Self {
        Self { most: rounds, ..self }
    }

    fn has_more(&self) -> bool {
        self.most.is_none_or(|most| self.schedule.turns() < most)
    }

    /// Whether it is another host on one of the networks of an interface on which we broadcast.
    fn is_on_link(&self, (address, interface): Neighbour) -> bool {
        let is_own = |(_, net): &(u32, IpNet)| net.addr() == address;
        let mut links = self.links.iter().filter(|(index, _)| *index == interface);
        self.used.contains(&interface)
            && may_be_a_host(address)
            && !self.links.iter().any(is_own)
            && links.any(|(_, net)| net.contains(&address))
    }

    fn is_known(&self, neighbour: &Neighbour) -> bool {
        self.known.as_ref().is_some_and(|known| known.contains(neighbour))
    }

    fn address(&self, (address, interface): Neighbour) -> SocketAddr {
        match address {
            IpAddr::V6(ip) if ip.is_unicast_link_local() => {
                SocketAddrV6::new(ip, self.port, 0, interface).into()
            }
            ip => SocketAddr::new(ip, self.port),
        }
    }

    fn call_next(&mut self, now: Instant, out: &mut Outbox<'_>) {
        if self.queue.is_empty() || now < self.burst_at {
            return;
        }
        for _ in 0..limits::NEIGHBOUR_CALLS_AT_ONCE {
            let Some(neighbour) = self.queue.pop_front() else { break };
            let to = self.address(neighbour);
            out.call_by(&Target::neighbour(to, neighbour.1), SocketId::from(Family::from(to)));
            let is_known = self.is_known(&neighbour);
            self.calls.note(now, neighbour, is_known);
        }
        self.burst_at = now + limits::NEIGHBOUR_CALLS_PAUSE;
    }
}

fn links(interfaces: &[Interface]) -> Vec<(u32, IpNet)> {
    let of = |i: &Interface| i.addresses.iter().map(|net| (i.index, *net)).collect::<Vec<_>>();
    interfaces.iter().flat_map(of).collect()
}

impl Plan for Neighbours {
    fn next_at(&self) -> Option<Instant> {
        let next_call = (!self.queue.is_empty()).then_some(self.burst_at);
        let next_round = self.has_more().then(|| self.schedule.next_round());
        self.read_at.into_iter().chain(next_call).chain(next_round).min()
    }

    /// Its rounds are those of the broadcasts.
    fn advance(&mut self, now: Instant, out: &mut Outbox<'_>) -> bool {
        // Not read, where the system does not tell.
        self.read_at.take_if(|at| *at <= now);
        if self.has_more() && self.schedule.is_due(now) {
            self.schedule.begin_round(now, self.broadcasts);
            if !self.used.is_empty() && self.calls.in_all < limits::NEIGHBOUR_CALLS_MAX {
                self.read_at.get_or_insert(now + Self::AFTER_ROUND);
            }
        }
        self.call_next(now, out);
        false
    }

    fn rounds(&self) -> u32 {
        0
    }

    fn completed(&self) -> u32 {
        0
    }

    fn heard_out(&self, _: Instant, _: Duration) -> u32 {
        0
    }

    fn is_in_use(&self) -> bool {
        self.calls.in_all > 0
    }

    fn round_of(&self, source: SocketAddr) -> Option<u32> {
        self.calls.reached(source.ip()).then(|| self.schedule.rounds())
    }

    fn each_call(&self, source: SocketAddr, visit: &mut dyn FnMut(Instant)) {
        if self.calls.in_all > 0 {
            self.calls.to_address(source.ip()).for_each(visit);
        }
    }

    fn most_answers(&self, source: SocketAddr) -> Option<u32> {
        Some(self.calls.to_address(source.ip()).count() as u32)
    }

    fn relocate(&mut self, interfaces: &[Interface]) {
        let networks =
            |i: &Interface| -> Vec<_> { i.addresses.iter().map(|net| (i.index, *net)).collect() };
        self.links = interfaces.iter().flat_map(networks).collect();
    }

    fn retarget(&mut self, targets: &[Target]) {
        self.broadcasts = !targets.is_empty();
        let elsewhere = targets.iter().filter(|target| !target.destination().ip().is_loopback());
        self.used = elsewhere.filter_map(Target::interface).collect();
        let queue = std::mem::take(&mut self.queue);
        self.queue = queue.into_iter().filter(|neighbour| self.is_on_link(*neighbour)).collect();
    }

    fn hear(&mut self, source: SocketAddr) {
        if self.heard.len() < limits::RESULTS_MAX {
            self.heard.insert(source.ip());
        }
        self.left_out.remove(&source.ip());
        self.queue.retain(|(address, _)| *address != source.ip());
    }

    fn wants_resolved(&self, now: Instant) -> Option<Vec<u32>> {
        let begins = self.known.is_none() && self.schedule.rounds() == 0;
        let is_due = begins || self.read_at.is_some_and(|at| at <= now);
        (is_due && !self.used.is_empty()).then(|| self.used.iter().copied().collect())
    }

    /// As many of them as of those that turned up and were called.
    fn left_out(&self) -> f64 {
        let called = || self.calls.made.keys().filter(|neighbour| !self.is_known(neighbour));
        let answered = called().filter(|(address, _)| self.heard.contains(address)).count();
        let share = answered as f64 / called().count().max(1) as f64;
        self.left_out.len() as f64 * share
    }

    fn turned_up(&self, address: IpAddr) -> bool {
        let mut called = self.calls.made.range((address, 0)..=(address, u32::MAX));
        called.any(|(neighbour, _)| !self.is_known(neighbour))
    }

    fn handle_resolved(&mut self, resolved: &[Neighbour], known_too: bool) {
        let on_link = resolved.iter().copied().filter(|neighbour| self.is_on_link(*neighbour));
        let on_link: BTreeSet<_> = on_link.collect();
        self.known.get_or_insert_with(|| on_link.clone());
        if self.schedule.rounds() == 0 {
            return;
        }
        self.read_at = None;
        let calls = &self.calls;
        let order = |neighbour: &Neighbour| (self.is_known(neighbour), calls.to(neighbour));
        let unheard = on_link.iter().filter(|(address, _)| !self.heard.contains(address));
        let mut due: Vec<_> = unheard.map(|it| (order(it), *it)).collect();
        due.retain(|((is_known, called), _)| *called < Calls::EACH && (known_too || !is_known));
        due.sort_unstable();
        let mut known_left = limits::KNOWN_NEIGHBOUR_CALLS_MAX.saturating_sub(calls.to_known);
        due.retain(|((is_known, _), _)| {
            let may_be_called = !is_known || known_left > 0;
            known_left -= usize::from(*is_known && may_be_called);
            may_be_called
        });
        let may_be_called = limits::NEIGHBOUR_CALLS_MAX.saturating_sub(calls.in_all);
        let beyond = due.iter().skip(may_be_called);
        let turned_up = beyond.filter(|(order, _)| *order == (false, 0));
        let left_out = turned_up.map(|(_, (address, _))| *address).take(limits::RESULTS_MAX);
        self.left_out = left_out.collect();
        due.truncate(may_be_called);
        self.queue = due.into_iter().map(|(_, neighbour)| neighbour).collect();
    }
}
