//! Senders whose datagrams could not be read as answers.

use std::net::SocketAddr;

use super::refusals::AnswerRefusal;
use crate::limits;

/// A sender whose datagram was not an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejected {
    /// The sender.
    pub source: SocketAddr,
    /// Why the datagram was refused.
    pub why: AnswerRefusal,
    /// The beginning of the datagram, escaped to printable ASCII, at most
    /// [`limits::EXCERPT_MAX`] characters.
    pub excerpt: String,
}

impl Rejected {
    /// Whether the datagram began as an answer does, so that its sender probably is a server.
    pub fn is_almost_an_answer(&self) -> bool {
        matches!(self.why, AnswerRefusal::Malformed(error) if error.is_almost_a_reply())
    }
}

/// The first datagram of each such sender, up to a bound.
#[derive(Debug, Default)]
pub(super) struct RejectedSenders(Vec<Rejected>);

impl RejectedSenders {
    /// Notes a datagram. Returns the note if it is the first of its sender.
    pub(super) fn note(
        &mut self,
        source: SocketAddr,
        why: AnswerRefusal,
        payload: &[u8],
    ) -> Option<&Rejected> {
        let is_known = self.0.iter().any(|known| known.source.ip() == source.ip());
        if is_known || self.0.len() >= limits::REJECTED_MAX {
            return None;
        }
        self.0.push(Rejected { source, why, excerpt: excerpt(payload) });
        self.0.last()
    }

    pub(super) fn as_slice(&self) -> &[Rejected] {
        &self.0
    }
}

fn excerpt(payload: &[u8]) -> String {
    let shown = payload.iter().take(limits::EXCERPT_MAX).flat_map(|b| b.escape_ascii());
    let mut text: String = shown.take(limits::EXCERPT_MAX).map(char::from).collect();
    let whole = payload.escape_ascii().take(limits::EXCERPT_MAX + 1).count();
    if whole > limits::EXCERPT_MAX {
        text.truncate(limits::EXCERPT_MAX - 3);
        text += "...";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_are_short_and_harmless() {
        assert_eq!(excerpt(b"SERVER_IP:10.0.0.1\0"), "SERVER_IP:10.0.0.1\\x00");
        assert_eq!(excerpt(b"\x1b[2J\xff"), "\\x1b[2J\\xff");
        let long = excerpt(&[b'x'; 200]);
        assert_eq!((long.len(), long.ends_with("xxx...")), (limits::EXCERPT_MAX, true));
        assert_eq!(excerpt(&[b'x'; 64]).len(), 64);
    }
}
