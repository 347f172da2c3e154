//! Calling every address of a network, one after the other, beside the rounds.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use ipnet::IpNet;

use super::networks::Networks;
use super::plan::Plan;
use super::swept::Swept;
use super::waiting::{NeighbourRoom, Waiting};
use crate::call::probes::Outbox;
use crate::call::schedule::Schedule;
use crate::interface::Interface;
use crate::{SocketId, Target, Transmit, Unsent, limits};

/// The passes over all addresses. The next begins when the one before is through, and its last
/// address has had time to answer.
#[derive(Debug)]
pub(in crate::call) struct Sweep {
    port: u16,
    networks: Networks,
    own: Vec<IpNet>,
    schedule: Schedule,
    passes: VecDeque<Pass>,
    position: u64,
    completed: u32,
    /// Whether one pass is all.
    is_once: bool,
    completed_at: Option<Instant>,
    next_at: Instant,
    unsent: VecDeque<IpAddr>,
    /// Addresses that the system refused to probe in the first pass, and the last of them.
    refused: u64,
    refused_last: Option<IpAddr>,
    waiting: Waiting,
}

/// When each address was called in one pass, as the time since its beginning.
#[derive(Debug)]
struct Pass {
    began: Instant,
    called_after: Vec<u32>,
}

impl Pass {
    const UNIT: Duration = Duration::from_micros(100);

    fn called_at(&self, position: u64) -> Option<Instant> {
        let after = self.called_after.get(usize::try_from(position).ok()?)?;
        Some(self.began + Self::UNIT * *after)
    }

    fn note(&mut self, now: Instant) {
        let after = now.saturating_duration_since(self.began).as_micros() / Self::UNIT.as_micros();
        self.called_after.push(u32::try_from(after).unwrap_or(u32::MAX));
    }
}

impl Sweep {
    /// How many addresses may be made up for at once after a late wake-up.
    const CATCH_UP: u32 = 8;
    /// Passes whose probe times are remembered. The round trip of a later answer is unknown.
    const REMEMBERED: usize = 16;
    /// The pause after a probe that could not be sent.
    const HELD: Duration = Duration::from_millis(20);
    /// Passes after which it is enough, if rounds would need more: each lasts longer than a round.
    const ENOUGH: u32 = 3;

    pub(in crate::call) fn new(
        networks: Networks,
        port: u16,
        own: Vec<IpNet>,
        schedule: Schedule,
        now: Instant,
    ) -> Self {
        Self {
            port,
            networks,
            own,
            schedule,
            passes: VecDeque::new(),
            position: 0,
            completed: 0,
            is_once: false,
            completed_at: None,
            next_at: now,
            unsent: VecDeque::new(),
            refused: 0,
            refused_last: None,
            waiting: Waiting::default(),
        }
    }

    /// The same with one pass only.
    pub(in crate::call) fn once(self) -> Self {
        Self { is_once: true, ..self }
    }

    /// About how long one pass over `networks` takes on a host with the networks `own`.
    pub(in crate::call) fn pass_takes(networks: &Networks, own: &[IpNet]) -> Duration {
        let on_link = networks.shared_with(own);
        let routed = networks.len() - on_link;
        let times = |pace: Duration, n: u64| pace.mul_f64(n as f64);
        let waits = limits::NEIGHBOUR_WAIT / limits::NEIGHBOURS_WAITING;
        let held_back = on_link.saturating_sub(limits::NEIGHBOURS_WAITING.into());
        times(limits::SWEEP_PACE, routed)
            + times(limits::SWEEP_PACE, on_link - held_back)
            + times(waits.max(limits::SWEEP_PACE), held_back)
    }

    fn begin_pass(&mut self, now: Instant) {
        self.schedule.begin_round(now, true);
        self.passes.truncate(Self::REMEMBERED - 1);
        self.passes.push_front(Pass { began: now, called_after: Vec::new() });
        self.position = 0;
    }

    fn end_pass(&mut self, now: Instant) {
        self.completed += 1;
        self.completed_at = Some(now);
        self.position = 0;
        self.next_at = self.schedule.next_round().max(now + limits::SWEEP_PAUSE);
    }

    /// The address that is due: one that could not be sent, or the next.
    fn due(&mut self, now: Instant) -> Option<IpAddr> {
        if let Some(again) = self.unsent.pop_front() {
            return Some(again);
        }
        if self.position == 0 {
            self.begin_pass(now);
        }
        loop {
            let address = self.networks.nth(self.position)?;
            self.position += 1;
            if let Some(pass) = self.passes.front_mut() {
                pass.note(now);
            }
            if !self.networks.is_gone(address) {
                return Some(address);
            }
            // Now a router would be sent the probe.
            self.refused += u64::from(self.completed == 0);
        }
    }

    fn is_on_link(&self, address: IpAddr) -> bool {
        self.own.iter().any(|net| net.contains(&address))
    }
}

impl Plan for Sweep {
    fn next_at(&self) -> Option<Instant> {
        let is_over = self.is_once && self.completed > 0;
        (!is_over).then_some(self.next_at)
    }

    fn advance(&mut self, now: Instant, out: &mut Outbox<'_>) -> bool {
        if let Some(earliest) = now.checked_sub(limits::SWEEP_PACE * Self::CATCH_UP) {
            self.next_at = self.next_at.max(earliest);
        }
        let mut called = false;
        while self.next_at <= now {
            if called && self.position >= self.networks.len() {
                // The pass is through when the system has taken the last probe.
                self.next_at = now + limits::SWEEP_PACE;
                return false;
            }
            if let Err(until) = self.waiting.has_room(now) {
                self.next_at = until;
                return false;
            }
            let Some(address) = self.due(now) else {
                self.end_pass(now);
                return true;
            };
            if self.is_on_link(address) {
                self.waiting.add(now);
            }
            let socket = if address.is_ipv4() { SocketId::Sweep } else { SocketId::V6 };
            out.call_by(&Target::routed(SocketAddr::new(address, self.port)), socket);
            self.next_at += limits::SWEEP_PACE;
            called = true;
        }
        false
    }

    fn rounds(&self) -> u32 {
        0
    }

    fn completed(&self) -> u32 {
        self.completed
    }

    fn heard_out(&self, _: Instant, _: Duration) -> u32 {
        self.completed
    }

    fn is_enough(&self, needed: u32) -> bool {
        self.completed >= needed.min(Self::ENOUGH)
    }

    fn is_under_way(&self) -> bool {
        self.is_once && self.completed == 0
    }

    fn is_in_use(&self) -> bool {
        true
    }

    fn round_of(&self, source: SocketAddr) -> Option<u32> {
        let position = self.networks.position_of(source.ip())?;
        // Between two passes the last one is still the first of the list.
        let in_this_pass = u32::from(self.position > position);
        let round = self.completed + in_this_pass;
        (round > 0).then_some(round)
    }

    fn each_call(&self, source: SocketAddr, visit: &mut dyn FnMut(Instant)) {
        let Some(position) = self.networks.position_of(source.ip()) else { return };
        self.passes.iter().filter_map(|pass| pass.called_at(position)).for_each(visit);
    }

    fn relocate(&mut self, interfaces: &[Interface]) {
        self.own = interfaces.iter().flat_map(|i| i.addresses.iter().copied()).collect();
        self.networks.relocate(&self.own);
        self.unsent.retain(|&address| !self.networks.is_gone(address));
    }

    fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: Unsent) -> bool {
        let address = transmit.destination.ip();
        let is_ours = transmit.socket == SocketId::Sweep
            || (transmit.socket == SocketId::V6 && self.networks.position_of(address).is_some());
        match why {
            // Of the probes of several protocols more than one may come back.
            Unsent::NoRoom if is_ours => {
                if !self.unsent.contains(&address) {
                    self.unsent.push_back(address);
                }
                self.next_at = self.next_at.max(now + Self::HELD);
                true
            }
            Unsent::Refused if is_ours && self.completed == 0 => {
                let again = self.refused_last.replace(address) == Some(address);
                self.refused += u64::from(!again);
                false
            }
            Unsent::NoRoom | Unsent::Refused => false,
        }
    }

    fn wants_neighbours(&self, now: Instant) -> bool {
        self.waiting.is_stale(now)
    }

    fn handle_neighbours(&mut self, now: Instant, room: NeighbourRoom) {
        self.waiting.read(now, room);
    }

    fn swept(&self) -> Option<Swept> {
        let (of, refused) = (self.networks.len(), self.refused);
        let unsent = self.unsent.len() as u64;
        let tried = if self.completed > 0 { of } else { self.position.saturating_sub(unsent) };
        let called = tried.saturating_sub(refused);
        let pass_takes = Self::pass_takes(&self.networks, &self.own);
        Some(Swept { called, refused, of, pass_takes })
    }
}
