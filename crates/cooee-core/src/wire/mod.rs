//! The messages of the protocol, and the codecs that turn them into bytes.
//!
//! The engines handle [`Query`] and [`Reply`] only. [`Codec`] is the closed list of encodings. A
//! new one is a module here and a variant there; no decision elsewhere depends on the encoding.

pub mod classic;
mod codec;
mod families;
mod others;
mod plain;
#[cfg(feature = "test-codec")]
mod test_codec;

use std::net::IpAddr;

use thiserror::Error;

use crate::limits;
pub use codec::{Codec, Family, Protocol};
pub use families::Families;
pub use others::Others;
#[cfg(feature = "test-codec")]
pub use test_codec::TestCodec;

/// What a client asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Query {
    /// Which servers there are.
    Discover,
}

/// What a server answers: the address and port of its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// The address that the server names.
    pub address: IpAddr,
    /// The port that the server names, if any.
    pub port: Option<u16>,
    /// Beside an IPv6 address: the IPv4 addresses of the same interface.
    pub others: Others,
}

impl Reply {
    /// A reply that names no further addresses.
    pub fn new(address: impl Into<IpAddr>, port: Option<u16>) -> Self {
        Self { address: address.into(), port, others: Others::NONE }
    }
}

/// How a datagram differs from a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryError {
    /// It is empty.
    Empty,
    /// It is longer than [`limits::DATAGRAM_MAX`].
    TooLong,
    /// It is a reply, from another server or one of our own that was reflected.
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
    /// It is empty.
    #[error("empty datagram")]
    Empty,
    /// It is longer than [`limits::ANSWER_MAX`].
    #[error("longer than {} bytes", limits::ANSWER_MAX)]
    TooLong,
    /// It is a query, from another client or one of our own that was reflected.
    #[error("a probe, not an answer")]
    Query,
    /// It does not begin as a reply does.
    #[error("does not begin with the prefix")]
    Foreign,
    /// What follows the prefix is not UTF-8.
    #[error("not UTF-8")]
    NotText,
    /// The address is neither four octets in decimal, without leading zeros, nor an IPv6 address
    /// in brackets, without scope and with nothing but IPv4 addresses behind it.
    #[error("the address is neither four octets nor IPv6 in brackets")]
    Address,
    /// The port is not a number from 1 to 65535, without sign or leading zeros.
    #[error("the port is not 1 to 65535")]
    Port,
}

impl ReplyError {
    /// Whether the datagram begins like a reply, so that its sender meant to answer.
    pub fn is_almost_a_reply(self) -> bool {
        match self {
            Self::NotText | Self::Address | Self::Port => true,
            Self::Empty | Self::TooLong | Self::Query | Self::Foreign => false,
        }
    }
}
