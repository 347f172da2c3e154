use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

use super::classic::{self, Classic};
use super::{Query, QueryError, Reply, ReplyError};
use crate::ConfigError;

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// The family of `address`.
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

impl From<SocketAddr> for Family {
    fn from(address: SocketAddr) -> Self {
        Self::of(address.ip())
    }
}

/// The protocol that a server answered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// The stock text protocol.
    Classic,
    /// No answer: DNS-SD told of it (RFC 6763).
    DnsSd,
    /// The codec of a test.
    #[cfg(feature = "test-codec")]
    Test,
}

impl Protocol {
    /// Its name in lower case, such as `classic`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::DnsSd => "dns-sd",
            #[cfg(feature = "test-codec")]
            Self::Test => "test",
        }
    }
}

/// An encoding of queries and replies, out of the one list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Codec {
    /// The stock text protocol.
    Classic(Classic),
    /// A codec that a test supplies.
    #[cfg(feature = "test-codec")]
    Test(super::TestCodec),
}

impl Default for Codec {
    fn default() -> Self {
        Self::Classic(Classic::default())
    }
}

impl From<Classic> for Codec {
    fn from(classic: Classic) -> Self {
        Self::Classic(classic)
    }
}

impl Codec {
    /// The stock text protocol, if it is that.
    pub(crate) fn as_classic(&self) -> Option<&Classic> {
        match self {
            Self::Classic(classic) => Some(classic),
            #[cfg(feature = "test-codec")]
            Self::Test(_) => None,
        }
    }

    /// The protocol it belongs to.
    pub fn protocol(&self) -> Protocol {
        match self {
            Self::Classic(_) => Protocol::Classic,
            #[cfg(feature = "test-codec")]
            Self::Test(_) => Protocol::Test,
        }
    }

    /// The port of a service if its reply names none.
    pub fn default_service_port(&self) -> u16 {
        match self {
            Self::Classic(_) => classic::DEFAULT_SERVICE_PORT,
            #[cfg(feature = "test-codec")]
            Self::Test(_) => classic::DEFAULT_SERVICE_PORT,
        }
    }

    /// The bytes of `query`.
    pub fn encode_query(&self, query: Query) -> Bytes {
        match self {
            Self::Classic(classic) => classic.encode_query(query),
            #[cfg(feature = "test-codec")]
            Self::Test(test) => test.encode_query(query),
        }
    }

    /// Decodes a query.
    ///
    /// # Errors
    /// How the datagram differs from a query.
    pub fn decode_query(&self, datagram: &[u8]) -> Result<Query, QueryError> {
        match self {
            Self::Classic(classic) => classic.decode_query(datagram),
            #[cfg(feature = "test-codec")]
            Self::Test(test) => test.decode_query(datagram),
        }
    }

    /// The bytes of `reply`; `None` if the protocol cannot name its address.
    pub fn encode_reply(&self, reply: &Reply) -> Option<Bytes> {
        match self {
            Self::Classic(classic) => Some(classic.encode_reply(reply)),
            #[cfg(feature = "test-codec")]
            Self::Test(test) => test.encode_reply(reply),
        }
    }

    /// Decodes a reply.
    ///
    /// # Errors
    /// The reason why the datagram is not a reply.
    pub fn decode_reply(&self, datagram: &[u8]) -> Result<Reply, ReplyError> {
        match self {
            Self::Classic(classic) => classic.decode_reply(datagram),
            #[cfg(feature = "test-codec")]
            Self::Test(test) => test.decode_reply(datagram),
        }
    }

    /// Checks that a server can speak it: no reply of any server may read as a query.
    ///
    /// # Errors
    /// [`ConfigError::AnswerIsProbe`].
    pub(crate) fn check_answers_are_not_probes(&self) -> Result<(), ConfigError> {
        match self {
            Self::Classic(classic) => classic.check_answers_are_not_probes(),
            #[cfg(feature = "test-codec")]
            Self::Test(_) => Ok(()),
        }
    }
}
