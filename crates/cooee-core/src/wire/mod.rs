//! What is said over the wire, and the codecs that turn it into bytes.
//!
//! The engines decide on a [`Query`] and a [`Reply`]. [`Codec`] is the closed list of encodings; a
//! new one is a module here and a variant there, and no decision elsewhere depends on which it is.

pub mod classic;
mod codec;
#[cfg(feature = "test-codec")]
mod test_codec;

use std::net::IpAddr;

use thiserror::Error;

use crate::limits;
pub use codec::{Codec, Family, Protocol};
#[cfg(feature = "test-codec")]
pub use test_codec::TestCodec;

/// What a client asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Query {
    /// Which servers are there?
    Discover,
}

/// What a server answers: where its service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// The address that the server names.
    pub address: IpAddr,
    /// The port that it names, if any.
    pub port: Option<u16>,
}

/// In which way a datagram is not a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryError {
    /// It carries nothing.
    Empty,
    /// It is longer than [`limits::DATAGRAM_MAX`].
    TooLong,
    /// It is a reply: some other server's, or our own reflected.
    Reply,
    /// The message with line breaks or other white space at an end.
    WhiteSpace,
    /// The message with zero bytes after it.
    Nul,
    /// The message in other letter case.
    Case,
    /// The beginning of the message, or the message with more behind it.
    Prefix,
    /// None of these.
    Foreign,
}

/// Why a datagram is not a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// It carries nothing.
    #[error("empty datagram")]
    Empty,
    /// It is longer than [`limits::ANSWER_MAX`].
    #[error("longer than {} bytes", limits::ANSWER_MAX)]
    TooLong,
    /// It is a query: another client's, or our own reflected.
    #[error("a probe, not an answer")]
    Query,
    /// It does not begin as a reply does.
    #[error("does not begin with the prefix")]
    Foreign,
    /// What follows the prefix is not UTF-8.
    #[error("not UTF-8")]
    NotText,
    /// The address is not four octets in decimal, without leading zeros.
    #[error("the address is not four octets")]
    Address,
    /// The port is not a number from 1 to 65535, without sign or leading zeros.
    #[error("the port is not 1 to 65535")]
    Port,
}

impl ReplyError {
    /// Whether the datagram began as a reply does, so that its sender meant to answer.
    pub fn is_almost_a_reply(self) -> bool {
        match self {
            Self::NotText | Self::Address | Self::Port => true,
            Self::Empty | Self::TooLong | Self::Query | Self::Foreign => false,
        }
    }
}
