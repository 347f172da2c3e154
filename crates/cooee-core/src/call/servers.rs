//! What was heard: each server once, and how often.

use std::collections::VecDeque;
use std::collections::btree_map::{BTreeMap, Entry};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use ipnet::IpNet;

use super::attendance::{Attendance, Calls};
use super::estimate::Estimate;
use super::occasion::{Occasion, RungId};
use super::record::ServerRecord;
use super::refusals::AnswerRefusal;
use crate::{Trust, limits};

/// Whether an answer was the first of its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    First,
    Again,
}

/// What makes two answers those of one server, as two numbers, which compare quickly.
///
/// Either an interface, an address and a port, since networks on two interfaces may use the same
/// addresses; or a port of this host, whichever of its interfaces' addresses was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row(u128, u64);

impl Row {
    const THIS_HOST: u64 = 1 << 63;
    const V6: u64 = 1 << 62;

    fn of(server: &ServerRecord, own: &[IpNet]) -> Self {
        let port = u64::from(server.port);
        // On loopback each address may have a service of its own.
        if server.this_host && own.iter().any(|net| net.addr() == server.ip) {
            return Self(0, Self::THIS_HOST | port);
        }
        let interface = u64::from(server.interface.unwrap_or_default()) << 16;
        match server.ip {
            IpAddr::V4(ip) => Self(ip.to_bits().into(), interface | port),
            IpAddr::V6(ip) => Self(ip.to_bits(), Self::V6 | interface | port),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Servers {
    list: Vec<ServerRecord>,
    attendance: Vec<Attendance>,
    rows: BTreeMap<Row, usize>,
    found: VecDeque<usize>,
}

impl Servers {
    /// Takes note of an answer.
    pub(super) fn hear(
        &mut self,
        mut server: ServerRecord,
        raw: &[u8],
        occasion: Occasion,
        calls: &Calls<'_>,
    ) -> Result<Heard, AnswerRefusal> {
        let index = self.list.len();
        match self.rows.entry(Row::of(&server, calls.own)) {
            Entry::Occupied(known) => {
                let index = *known.get();
                self.hear_again(index, server, raw, occasion, calls);
                return Ok(Heard::Again);
            }
            Entry::Vacant(_) if index >= limits::RESULTS_MAX => {
                return Err(AnswerRefusal::TableFull);
            }
            Entry::Vacant(free) => free.insert(index),
        };
        let (attendance, rtt) = Attendance::begin(occasion, calls);
        server.rtt = rtt;
        server.raw = raw.to_vec();
        self.list.push(server);
        self.attendance.push(attendance);
        self.found.push_back(index);
        Ok(Heard::First)
    }

    fn hear_again(
        &mut self,
        index: usize,
        server: ServerRecord,
        raw: &[u8],
        occasion: Occasion,
        calls: &Calls<'_>,
    ) {
        let known = &mut self.list[index];
        if let Some(rtt) = self.attendance[index].attend(occasion, calls) {
            known.rtt = Some(rtt);
        }
        if known.this_host {
            known.add_address(server.ip);
        }
        // What a server says of itself replaces what another said of it.
        if known.trust == Trust::Unverified && server.trust == Trust::MatchesSource {
            let rtt = known.rtt;
            *known = ServerRecord { raw: raw.to_vec(), rtt, ..server };
        }
    }

    pub(super) fn poll_found(&mut self) -> Option<ServerRecord> {
        self.found.pop_front().map(|index| self.list[index].clone())
    }

    pub(super) fn as_slice(&self) -> &[ServerRecord] {
        &self.list
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The longest that the server last heard for the first time may take to answer.
    pub(super) fn newest_delay(&self, now: Instant, calls: &Calls<'_>) -> Duration {
        let known = self.list.last().and_then(|server| server.rtt);
        known.unwrap_or_else(|| calls.longest_delay(now))
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
