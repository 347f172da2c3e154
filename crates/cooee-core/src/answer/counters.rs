use crate::wire::QueryError;

/// Why a datagram was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(usize)]
#[non_exhaustive]
pub enum ProbeRefusal {
    /// It carried nothing.
    Empty,
    /// It was longer than any probe of any version.
    TooLong,
    /// It was an answer.
    Answer,
    /// The message, but with white space at an end.
    WhiteSpace,
    /// The message, but with zero bytes behind it.
    Nul,
    /// The message, but in other letter case.
    Case,
    /// A part of the message, or the message and more.
    Prefix,
    /// Something else altogether.
    Foreign,
    /// It came from port 0, which nobody can be answered at.
    SourcePortZero,
    /// It came from a broadcast address.
    SourceBroadcast,
    /// It came from a multicast address.
    SourceMulticast,
    /// It came from an address that no host has: 0.0.0.0/8, 240.0.0.0/4, or not IPv4.
    SourceUnusable,
    /// It claimed to come from loopback, but arrived from elsewhere.
    SourceLoopback,
    /// The policy does not answer its source.
    SourceNotAllowed,
    /// Its source asked too often.
    SourceRate,
    /// All sources together asked too often.
    TotalRate,
    /// Its route would have to be looked up, and too many are, or just were.
    Busy,
    /// There is no route to its source.
    NoRoute,
    /// It was answered when it arrived on another interface.
    Copy,
    /// Its source is a neighbour that the system has not found, and an answer to it waits already,
    /// or too many wait for others.
    Unresolved,
    /// The protocol cannot name the address that its source would need.
    Unnameable,
    /// Nothing listens where the service should, or nothing that its source could connect to.
    NoListener,
    /// It was a test call of a doctor, which are not answered here.
    ExchangeOff,
    /// It was a test call, and not understood.
    ExchangeMalformed,
    /// It was a test call of a source that is neither on a link nor private.
    ExchangeNotAllowed,
    /// It was one test call too many.
    ExchangeTooOften,
}

impl ProbeRefusal {
    /// How many reasons there are.
    const COUNT: usize = 26;

    const ALL: [Self; Self::COUNT] = [
        Self::Empty,
        Self::TooLong,
        Self::Answer,
        Self::WhiteSpace,
        Self::Nul,
        Self::Case,
        Self::Prefix,
        Self::Foreign,
        Self::SourcePortZero,
        Self::SourceBroadcast,
        Self::SourceMulticast,
        Self::SourceUnusable,
        Self::SourceLoopback,
        Self::SourceNotAllowed,
        Self::SourceRate,
        Self::TotalRate,
        Self::Busy,
        Self::NoRoute,
        Self::Copy,
        Self::Unresolved,
        Self::Unnameable,
        Self::NoListener,
        Self::ExchangeOff,
        Self::ExchangeMalformed,
        Self::ExchangeNotAllowed,
        Self::ExchangeTooOften,
    ];

    /// Every reason.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter()
    }

    /// A short name for logs and metrics, in `snake_case`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Answer => "answer",
            Self::WhiteSpace => "white_space",
            Self::Nul => "nul",
            Self::Case => "case",
            Self::Prefix => "prefix",
            Self::Foreign => "foreign",
            Self::SourcePortZero => "source_port_zero",
            Self::SourceBroadcast => "source_broadcast",
            Self::SourceMulticast => "source_multicast",
            Self::SourceUnusable => "source_unusable",
            Self::SourceLoopback => "source_loopback",
            Self::SourceNotAllowed => "source_not_allowed",
            Self::SourceRate => "source_rate",
            Self::TotalRate => "total_rate",
            Self::Busy => "busy",
            Self::NoRoute => "no_route",
            Self::Copy => "copy",
            Self::Unresolved => "unresolved",
            Self::Unnameable => "unnameable",
            Self::NoListener => "no_listener",
            Self::ExchangeOff => "exchange_off",
            Self::ExchangeMalformed => "exchange_malformed",
            Self::ExchangeNotAllowed => "exchange_not_allowed",
            Self::ExchangeTooOften => "exchange_too_often",
        }
    }
}

impl From<QueryError> for ProbeRefusal {
    fn from(of: QueryError) -> Self {
        match of {
            QueryError::Empty => Self::Empty,
            QueryError::TooLong => Self::TooLong,
            QueryError::Reply => Self::Answer,
            QueryError::WhiteSpace => Self::WhiteSpace,
            QueryError::Nul => Self::Nul,
            QueryError::Case => Self::Case,
            QueryError::Prefix => Self::Prefix,
            QueryError::Foreign => Self::Foreign,
        }
    }
}

/// Probes received, answered and refused since start.
///
/// `received` is `answered` and every refusal together, but for probes whose route or neighbour is
/// being looked up at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Datagrams of any kind.
    pub received: u64,
    /// Probes answered.
    pub answered: u64,
    /// Answers given: one for each service that a probe was answered for.
    pub answers: u64,
    /// Answers held back though the probe was answered for another service: its source asked too
    /// often, or for more than [`limits::ANSWERS_A_PROBE`](crate::limits::ANSWERS_A_PROBE) services.
    pub held_back: u64,
    refused: [u64; ProbeRefusal::COUNT],
}

impl Counters {
    pub(super) fn count(&mut self, refusal: ProbeRefusal) {
        self.refused[refusal as usize] += 1;
    }

    /// How many datagrams were refused for this reason.
    pub fn refused(&self, why: ProbeRefusal) -> u64 {
        self.refused[why as usize]
    }

    /// How many datagrams were refused in all.
    pub fn refused_in_all(&self) -> u64 {
        self.refused.iter().sum()
    }

    /// The reasons that occurred, with how often.
    pub fn refusals(&self) -> impl Iterator<Item = (ProbeRefusal, u64)> + '_ {
        ProbeRefusal::all().map(|why| (why, self.refused(why))).filter(|&(_, n)| n > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_counter_and_name() {
        for (position, why) in ProbeRefusal::ALL.into_iter().enumerate() {
            assert_eq!(why as usize, position);
            let mut counters = Counters::default();
            counters.count(why);
            assert_eq!(counters.refusals().collect::<Vec<_>>(), [(why, 1)]);
        }
        let mut names: Vec<_> = ProbeRefusal::ALL.iter().map(|why| why.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ProbeRefusal::ALL.len());
    }
}
