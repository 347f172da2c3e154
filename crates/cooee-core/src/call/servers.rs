//! What was heard: each server once, and how often.

use std::collections::{BTreeMap, VecDeque};
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

/// What makes two answers those of one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Row {
    /// A port of this host, whichever of its interfaces' addresses was named.
    ThisHost(u16),
    /// An interface, an address and a port: networks on two interfaces may use the same addresses.
    Elsewhere(Option<u32>, IpAddr, u16),
}

impl Row {
    fn of(server: &ServerRecord, own: &[IpNet]) -> Self {
        // On loopback each address may have a service of its own.
        if server.this_host && own.iter().any(|net| net.addr() == server.ip) {
            Self::ThisHost(server.port)
        } else {
            Self::Elsewhere(server.interface, server.ip, server.port)
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
        let row = Row::of(&server, calls.own);
        if let Some(&index) = self.rows.get(&row) {
            self.hear_again(index, server, raw, occasion, calls);
            return Ok(Heard::Again);
        }
        if self.list.len() >= limits::RESULTS_MAX {
            return Err(AnswerRefusal::TableFull);
        }
        let (attendance, rtt) = Attendance::begin(occasion, calls);
        server.rtt = rtt;
        server.raw = raw.to_vec();
        let index = self.list.len();
        self.rows.insert(row, index);
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
