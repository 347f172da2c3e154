//! What was heard: each server once, and how often.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::{AnswerRefusal, Estimate};
use crate::limits;

/// How far the address of a server can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Trust {
    /// It is where the answer came from; anything more is unproven.
    None,
    /// It is not where the answer came from.
    Unverified,
}

impl Trust {
    /// `none` or `unverified`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Unverified => "unverified",
        }
    }
}

/// A server that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Server {
    /// Where the service is.
    pub ip: IpAddr,
    /// The port of the service: the one that the answer names, else 8000.
    pub port: u16,
    /// Where the answer came from.
    pub source: SocketAddr,
    /// The index of the interface that the answer arrived on, where the system tells.
    pub interface: Option<u32>,
    /// The answer's bytes.
    pub raw: Vec<u8>,
    /// From the latest probe to the first answer.
    pub rtt: Duration,
    /// How far `ip` can be believed.
    pub trust: Trust,
    /// The impossible address that the answer named, if `ip` is its source's instead.
    pub claimed: Option<IpAddr>,
}

impl Server {
    /// Where to connect to.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.ip, self.port)
    }

    /// Replaces a named address that cannot be the sender's by the sender's, and marks any other
    /// that is not the sender's.
    pub(super) fn judge(&mut self, named: Ipv4Addr, source: Ipv4Addr, from_this_host: bool) {
        let from_here = from_this_host || source.is_loopback();
        let impossible = named.is_unspecified()
            || named.is_broadcast()
            || named.is_multicast()
            || (named.is_loopback() && !from_here);
        if impossible {
            self.claimed = Some(named.into());
            self.ip = source.into();
        } else if named != source && !(named.is_loopback() && from_here) {
            self.trust = Trust::Unverified;
        }
    }
}

/// Whether an answer was the first of its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    First,
    Again,
}

#[derive(Debug, Default)]
pub(super) struct Servers {
    list: Vec<Server>,
    attendance: Vec<Attendance>,
    by_address: BTreeMap<(IpAddr, u16), usize>,
    found: VecDeque<usize>,
}

/// By which of the two ways of calling a server is reached, each of which has its own rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The targets; its rounds are those of the schedule.
    Targets,
    /// The sweep; its rounds are its passes.
    Sweep,
}

/// In how many rounds a server was heard.
#[derive(Debug, Clone, Copy)]
struct Attendance {
    way: Way,
    rounds: u32,
    last: u32,
}

impl Attendance {
    /// In how many of the first `rounds` it was heard.
    fn within(self, rounds: u32) -> u32 {
        if self.last > rounds { self.rounds - 1 } else { self.rounds }
    }
}

impl Servers {
    /// Takes note of an answer heard in `round` of `way`.
    pub(super) fn hear(
        &mut self,
        mut server: Server,
        raw: &[u8],
        way: Way,
        round: u32,
    ) -> Result<Heard, AnswerRefusal> {
        let key = (server.ip, server.port);
        if let Some(&index) = self.by_address.get(&key) {
            let attendance = &mut self.attendance[index];
            if attendance.way == way && attendance.last < round {
                *attendance = Attendance { way, rounds: attendance.rounds + 1, last: round };
            }
            self.believe_the_server_itself(index, server, raw);
            return Ok(Heard::Again);
        }
        if self.list.len() >= limits::RESULTS_MAX {
            return Err(AnswerRefusal::TableFull);
        }
        server.raw = raw.to_vec();
        let index = self.list.len();
        self.by_address.insert(key, index);
        self.list.push(server);
        self.attendance.push(Attendance { way, rounds: 1, last: round });
        self.found.push_back(index);
        Ok(Heard::First)
    }

    /// What a server says of itself replaces what another said of it.
    fn believe_the_server_itself(&mut self, index: usize, server: Server, raw: &[u8]) {
        let known = &mut self.list[index];
        if known.trust == Trust::Unverified && server.trust == Trust::None {
            let rtt = known.rtt;
            *known = Server { raw: raw.to_vec(), rtt, ..server };
        }
    }

    pub(super) fn poll_found(&mut self) -> Option<Server> {
        self.found.pop_front().map(|index| self.list[index].clone())
    }

    pub(super) fn as_slice(&self) -> &[Server] {
        &self.list
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether any server was not heard in one of the first `rounds` rounds of its way.
    pub(super) fn anyone_missed(&self, way: Way, rounds: u32) -> bool {
        self.attendance.iter().any(|a| a.way == way && a.rounds < rounds)
    }

    /// The estimate for the servers of one way, from its first `rounds` rounds.
    pub(super) fn estimate(&self, way: Way, rounds: u32) -> Option<Estimate> {
        let of_this_way = self.attendance.iter().filter(|a| a.way == way);
        Estimate::new(rounds, of_this_way.map(|a| a.within(rounds)))
    }
}
