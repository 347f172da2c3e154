//! Why datagrams were not taken as answers, and how often.

use std::fmt;

use crate::wire::ReplyError;

/// Why a datagram was not taken as an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerRefusal {
    /// Its source is not the address and port of a host.
    Source,
    /// It does not decode.
    Malformed(ReplyError),
    /// [`crate::limits::RESULTS_MAX`] servers are known already.
    TableFull,
}

impl fmt::Display for AnswerRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source => f.write_str("its source is no host's"),
            Self::Malformed(error) => error.fmt(f),
            Self::TableFull => f.write_str("too many servers are known already"),
        }
    }
}

/// How many datagrams were not taken as answers, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Refusals {
    /// From a source that is not the address and port of a host.
    pub source: u64,
    /// Probes.
    pub probe: u64,
    /// Empty datagrams.
    pub empty: u64,
    /// Longer than any answer.
    pub too_long: u64,
    /// Without the prefix.
    pub foreign: u64,
    /// With the prefix, but not UTF-8 behind it.
    pub not_text: u64,
    /// With the prefix, but without an address behind it.
    pub address: u64,
    /// With an impossible port.
    pub port: u64,
    /// Servers beyond the size of the result table.
    pub table_full: u64,
}

impl Refusals {
    pub(super) fn count(&mut self, why: AnswerRefusal) {
        *self.counter(why) += 1;
    }

    fn counter(&mut self, why: AnswerRefusal) -> &mut u64 {
        match why {
            AnswerRefusal::Source => &mut self.source,
            AnswerRefusal::TableFull => &mut self.table_full,
            AnswerRefusal::Malformed(ReplyError::Query) => &mut self.probe,
            AnswerRefusal::Malformed(ReplyError::Empty) => &mut self.empty,
            AnswerRefusal::Malformed(ReplyError::TooLong) => &mut self.too_long,
            AnswerRefusal::Malformed(ReplyError::Foreign) => &mut self.foreign,
            AnswerRefusal::Malformed(ReplyError::NotText) => &mut self.not_text,
            AnswerRefusal::Malformed(ReplyError::Address) => &mut self.address,
            AnswerRefusal::Malformed(ReplyError::Port) => &mut self.port,
        }
    }

    /// The number refused for this reason.
    pub fn count_of(mut self, why: AnswerRefusal) -> u64 {
        *self.counter(why)
    }

    /// The number refused for any reason.
    pub fn in_all(&self) -> u64 {
        self.by_reason().map(|(_, count)| count).sum()
    }

    /// Each reason, by its `snake_case` name, and its count.
    pub fn by_reason(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        [
            ("source", self.source),
            ("probe", self.probe),
            ("empty", self.empty),
            ("too_long", self.too_long),
            ("foreign", self.foreign),
            ("not_text", self.not_text),
            ("address", self.address),
            ("port", self.port),
            ("table_full", self.table_full),
        ]
        .into_iter()
    }
}
