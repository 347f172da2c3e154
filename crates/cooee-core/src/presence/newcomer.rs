use std::net::IpAddr;
use std::time::Instant;

use super::key::of_another_type;
use crate::ServerRecord;
use crate::announced::AnnouncedKey;
use crate::wire::Protocol;

/// A server that was not known, to be told of soon: more may be heard of it.
#[derive(Debug)]
pub(super) struct Newcomer {
    pub(super) due: Instant,
    pub(super) server: ServerRecord,
    /// Whether it was put off, since it may be a server that was known at another address.
    pub(super) is_put_off: bool,
}

impl Newcomer {
    /// Whether both look like one server in a list of one look.
    pub(super) fn is(&self, other: &ServerRecord) -> bool {
        place(&self.server) == place(other)
    }

    /// Whether nothing tells of it but the announcement of this instance.
    pub(super) fn is_only_announced_as(&self, key: &AnnouncedKey) -> bool {
        let named = self.server.named.as_ref().filter(|_| self.server.protocol == Protocol::DnsSd);
        named.is_some_and(|it| it.key == *key)
    }
}

/// What makes two records of one look those of one server.
pub(super) fn place(it: &ServerRecord) -> Place<'_> {
    (it.ip, it.port, it.interface, of_another_type(it))
}

type Place<'a> = (IpAddr, u16, Option<u32>, Option<&'a AnnouncedKey>);
