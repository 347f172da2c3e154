use std::fmt;

use bytes::Bytes;

use super::{Query, QueryError, Reply, ReplyError};

/// A codec that a test supplies, to show that the engines depend on no particular one.
#[derive(Clone, Copy)]
pub struct TestCodec {
    /// The bytes of the query.
    pub query: &'static [u8],
    /// Encodes a reply.
    pub encode: fn(&Reply) -> Option<Bytes>,
    /// Decodes a reply.
    pub decode: fn(&[u8]) -> Result<Reply, ReplyError>,
}

impl TestCodec {
    pub(super) fn encode_query(&self, _: Query) -> Bytes {
        Bytes::from_static(self.query)
    }

    pub(super) fn decode_query(&self, datagram: &[u8]) -> Result<Query, QueryError> {
        if datagram == self.query { Ok(Query::Discover) } else { Err(QueryError::Foreign) }
    }

    pub(super) fn encode_reply(&self, reply: &Reply) -> Option<Bytes> {
        (self.encode)(reply)
    }

    pub(super) fn decode_reply(&self, datagram: &[u8]) -> Result<Reply, ReplyError> {
        (self.decode)(datagram)
    }
}

impl PartialEq for TestCodec {
    fn eq(&self, other: &Self) -> bool {
        self.query == other.query
    }
}

impl Eq for TestCodec {}

impl fmt::Debug for TestCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestCodec").field("query", &self.query).finish_non_exhaustive()
    }
}
