//! What was heard: each server once, and how often.

mod instances;

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use ipnet::IpNet;

use super::attendance::{Attendance, Calls};
use super::estimate::Estimate;
use super::occasion::{Occasion, RungId};
use super::record::{Answer, Judged, ServerRecord, Trust};
use super::refusals::AnswerRefusal;
use super::via::Via;
use crate::announced::AnnouncedKey;
use crate::limits;
use crate::mix::Seeded;
use crate::wire::Protocol;
pub(super) use instances::Instance;

/// Whether an answer was the first of its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// It was; so long has it taken at the most.
    First(Duration),
    /// It was not, and came from the same address.
    Again,
    /// It was not, and came from another address.
    Elsewhere,
}

/// What makes two answers those of one server, as two numbers.
///
/// Either an interface, an address and a port, since networks on two interfaces may use the same
/// addresses; or a port of this host, whichever of its interfaces' addresses was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Row(u128, u64);

impl Row {
    const THIS_HOST: u64 = 1 << 63;
    const V6: u64 = 1 << 62;

    fn of(answer: &Answer<'_>, own: &[IpNet]) -> Self {
        let (ip, port) = (answer.judged.ip, u64::from(answer.port));
        // On loopback each address may have a service of its own.
        if answer.judged.this_host && own.iter().any(|net| net.addr() == ip) {
            return Self(0, Self::THIS_HOST | port);
        }
        Self::at(ip, answer)
    }

    /// That of `ip`, with the interface and the port of the answer.
    fn at(ip: IpAddr, answer: &Answer<'_>) -> Self {
        let port = u64::from(answer.port);
        let interface = answer.interface.map_or(0, |index| (u64::from(index) + 1) << 16);
        match ip {
            IpAddr::V4(ip) => Self(ip.to_bits().into(), interface | port),
            IpAddr::V6(ip) => Self(ip.to_bits(), Self::V6 | interface | port),
        }
    }

    /// Whether it is one of `ip` and this port, on whichever interface.
    fn is_at(self, ip: IpAddr, port: u16) -> bool {
        let bits = match ip {
            IpAddr::V4(ip) => ip.to_bits().into(),
            IpAddr::V6(ip) => ip.to_bits(),
        };
        self.0 == bits && self.1 & u64::from(u16::MAX) == u64::from(port)
    }
}

#[expect(clippy::disallowed_types, reason = "its hasher is seeded by the caller")]
type Rows = std::collections::HashMap<Row, usize, Seeded>;

/// Where an instance is listed, and by which addresses it is known that nobody else was known by.
#[derive(Debug)]
struct Listed {
    index: usize,
    rows: Vec<Row>,
}

#[derive(Debug)]
pub(super) struct Servers {
    list: Vec<ServerRecord>,
    attendance: Vec<Attendance>,
    rows: Rows,
    /// Those that are announced, each on a link, or on all (0).
    instances: BTreeMap<(AnnouncedKey, u32), Listed>,
    /// Servers to tell of now.
    found: VecDeque<usize>,
    /// Those that were heard over IPv6 first and name an IPv4 address of the link: they are told of
    /// once they are heard over IPv4, or at this time.
    held: VecDeque<(Instant, usize)>,
    /// Which servers were told of, or are about to be.
    is_told: Vec<bool>,
}

impl Servers {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            list: Vec::new(),
            attendance: Vec::new(),
            rows: Rows::with_hasher(Seeded(seed)),
            instances: BTreeMap::new(),
            found: VecDeque::new(),
            held: VecDeque::new(),
            is_told: Vec::new(),
        }
    }

    /// How long a server that was heard over IPv6 waits to be heard over IPv4 too, so that it is
    /// told of with its IPv4 address: more than ARP takes on a link where it works at once.
    const HELD_FOR: Duration = Duration::from_millis(100);

    /// Takes note of an answer.
    pub(super) fn hear(
        &mut self,
        answer: &Answer<'_>,
        occasion: Occasion,
        calls: &Calls<'_>,
    ) -> Result<Heard, AnswerRefusal> {
        let index = self.list.len();
        let beside = answer.beside.filter(|_| !answer.judged.this_host);
        let beside = beside.map(|beside| Row::at(beside.address, answer));
        if let Some(&index) = beside.and_then(|row| self.rows.get(&row))
            && self.may_be_of(index, answer, occasion, calls)
        {
            return Ok(self.hear_again(index, answer, occasion, calls));
        }
        // Looked up first: most answers are of servers that are known.
        let row = Row::of(answer, &calls.own.nets);
        if let Some(&index) = self.rows.get(&row) {
            return Ok(self.hear_again(index, answer, occasion, calls));
        }
        if index >= limits::RESULTS_MAX {
            return Err(AnswerRefusal::TableFull);
        }
        self.rows.insert(row, index);
        let via = calls.via(occasion.rung);
        let (attendance, rtt, longest) = Attendance::begin(occasion, via, calls);
        self.list.push(ServerRecord { rtt, ..ServerRecord::new(answer, via) });
        self.attendance.push(attendance);
        // What is named over IPv6 is the same server's that is named over IPv4.
        if let Some(row) = beside {
            self.rows.entry(row).or_insert(index);
        }
        let is_awaited = answer.beside.is_some_and(|beside| beside.is_awaited);
        let names_v4 = is_awaited || answer.judged.ip.is_ipv4();
        let is_held = answer.source.is_ipv6() && names_v4;
        self.is_told.push(!is_held);
        if is_held {
            self.held.push_back((occasion.now + Self::HELD_FOR, index));
        } else {
            self.found.push_back(index);
        }
        Ok(Heard::First(longest))
    }

    /// Whether an answer over IPv6 may be of the server at the IPv4 address that it names.
    ///
    /// Anybody can name that address. A server that was told of as another IPv6 address has not
    /// been heard at it, and then this one is a row of its own: else one could hide the other. Where
    /// the caller named the address of one of them, that is the row's, and where it named both, each
    /// has its own. That a server was found at an address before says nothing: anybody may have been.
    fn may_be_of(
        &mut self,
        index: usize,
        answer: &Answer<'_>,
        occasion: Occasion,
        calls: &Calls<'_>,
    ) -> bool {
        let (known, ip) = (&mut self.list[index], answer.judged.ip);
        if known.ip.is_ipv4() || known.ip == ip || !self.is_told[index] {
            return true;
        }
        let is_beside = known.other_addresses.contains(&ip);
        let is_one_named = known.was_named() != Self::was_named(answer, occasion, calls);
        let has_no_row = || !self.rows.contains_key(&Row::of(answer, &calls.own.nets));
        if is_one_named && (is_beside || has_no_row()) {
            return true;
        }
        known.other_addresses.retain(|other| *other != ip);
        false
    }

    /// Whether an answer is from the address of its server, which is that of a host that was named.
    fn was_named(answer: &Answer<'_>, occasion: Occasion, calls: &Calls<'_>) -> bool {
        answer.judged.trust == Trust::MatchesSource && calls.via(occasion.rung) == Via::Host
    }

    fn tell(&mut self, index: usize) {
        if let Some(is_told) = self.is_told.get_mut(index)
            && !std::mem::replace(is_told, true)
        {
            self.found.push_back(index);
        }
    }

    /// When a server that is held back has to be told of.
    pub(super) fn due(&self) -> Option<Instant> {
        self.held.front().map(|(due, _)| *due)
    }

    /// Tells of those that have waited long enough.
    pub(super) fn tell_due(&mut self, now: Instant) {
        while let Some(&(due, index)) = self.held.front()
            && due <= now
        {
            self.held.pop_front();
            self.tell(index);
        }
    }

    /// Tells of all that are held back.
    pub(super) fn tell_all(&mut self) {
        while let Some((_, index)) = self.held.pop_front() {
            self.tell(index);
        }
    }

    /// Whether there is a server to tell of.
    pub(super) fn has_news(&self) -> bool {
        !self.found.is_empty()
    }

    fn hear_again(
        &mut self,
        index: usize,
        answer: &Answer<'_>,
        occasion: Occasion,
        calls: &Calls<'_>,
    ) -> Heard {
        if self.list[index].protocol == Protocol::DnsSd {
            return self.hear_announced(index, answer, occasion, calls);
        }
        let (known, attendance) = (&mut self.list[index], &mut self.attendance[index]);
        let is_own = known.source.ip() == answer.source.ip();
        if let Some(pair) = attendance.attend(occasion, is_own, calls) {
            known.rtt = Some(pair.rtt);
            if known.via == Via::Neighbour && pair.is_of_broadcast(known.via, calls) {
                // It takes its time, and answered the broadcast before it was called itself.
                known.via = Via::Broadcast;
            }
        }
        let Judged { ip, trust, this_host, .. } = answer.judged;
        let is_confirmed = trust == Trust::MatchesSource;
        let is_named = known.ip.is_ipv6()
            && known.ip != ip
            && !(this_host || known.was_named())
            && Self::was_named(answer, occasion, calls);
        let is_better = is_named || (known.ip.is_ipv6() && ip.is_ipv4());
        // What a server says of itself replaces what another said of it.
        let is_itself = known.trust == Trust::Unverified && known.ip == ip;
        if is_confirmed && (is_itself || is_better) {
            attendance.change_source();
            // That it was called itself over the other family is no sign of a firewall.
            let is_drawn =
                known.via == Via::Neighbour && calls.have_drawn(occasion.rung, known.via);
            let via = if is_named || is_drawn { calls.via(occasion.rung) } else { known.via };
            let before = std::mem::replace(known, ServerRecord::new(answer, via));
            known.rtt = before.rtt;
            known.named = before.named;
            if before.trust == Trust::MatchesSource {
                known.add_address(before.ip);
            }
            before.other_addresses.into_iter().for_each(|address| known.add_address(address));
        } else if known.this_host || this_host || (is_confirmed && known.ip != ip) {
            known.add_address(ip);
        }
        if answer.source.is_ipv4() {
            self.tell(index);
        }
        if is_own { Heard::Again } else { Heard::Elsewhere }
    }

    pub(super) fn poll_found(&mut self) -> Option<ServerRecord> {
        self.found.pop_front().map(|index| self.list[index].clone())
    }

    pub(super) fn as_slice(&self) -> &[ServerRecord] {
        &self.list
    }

    pub(super) fn into_vec(self) -> Vec<ServerRecord> {
        self.list
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The addresses of other hosts from which more answers came than one host gives in the `rounds`
    /// that called it.
    pub(super) fn doubled(
        &self,
        rounds: impl Fn(SocketAddr) -> u32,
    ) -> impl Iterator<Item = IpAddr> {
        let each = self.list.iter().zip(&self.attendance);
        each.filter(|(server, _)| !server.this_host)
            .filter(move |(server, attendance)| attendance.is_doubled(|| rounds(server.source)))
            .map(|(server, _)| server.source.ip())
    }

    /// Of the servers that only a direct call has drawn an answer from, those that were heard in
    /// every one of so many rounds since.
    pub(super) fn regular_neighbours(&self, rounds: u32) -> impl Iterator<Item = IpAddr> {
        let each = self.list.iter().zip(&self.attendance);
        each.filter(|(server, _)| server.via == Via::Neighbour)
            .filter(move |(_, attendance)| attendance.is_regular(rounds))
            .map(|(server, _)| server.source.ip())
    }

    /// Whether any server was not heard in one of the first `rounds` rounds of its rung.
    pub(super) fn anyone_missed(&self, rung: RungId, rounds: u32) -> bool {
        self.attendance.iter().any(|a| a.rung == rung && a.rounds < rounds)
    }

    /// How many of the answers of this rung's servers to so many rounds arrived, and of how many;
    /// those of late ones are not counted, since they may still come.
    pub(super) fn answered(&self, rung: RungId, rounds: u32, doubled: u32) -> (u64, u64) {
        let of_this_rung = || self.attendance.iter().filter(|a| a.rung == rung && !a.is_late);
        // Where nobody answers the second probe of a round, it reaches nobody.
        let is_heard_twice = of_this_rung().any(|a| a.answered_twice);
        let probes = rounds + if is_heard_twice { doubled } else { 0 };
        let arrived = of_this_rung().map(|a| u64::from(a.arrived(rounds, probes))).sum();
        (arrived, of_this_rung().count() as u64 * u64::from(probes))
    }

    /// The estimate for the servers of one rung, from its first `rounds` rounds.
    pub(super) fn estimate(&self, rung: RungId, rounds: u32) -> Option<Estimate> {
        let of_this_rung = self.attendance.iter().filter(|a| a.rung == rung);
        Estimate::new(rounds, of_this_rung.map(|a| a.within(rounds)))
    }
}
