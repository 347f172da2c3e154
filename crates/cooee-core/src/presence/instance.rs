use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::ServerRecord;
use crate::announced::{Announced, AnnouncedAddress, AnnouncedKey, Marker, ServiceType};
use crate::wire::Protocol;

/// An instance that is announced.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) announced: Announced,
    /// Whether its server is gone all the same, so that the announcement is what is left of it.
    pub(super) is_stale: bool,
    /// The ports of its services, if it is a server of ours.
    ports: Vec<u16>,
}

impl Instance {
    pub(super) fn new(announced: Announced, is_stale: bool) -> Self {
        let services = Marker::read(&announced).map(|marker| marker.services);
        let ports = services.into_iter().flatten().map(|(_, port)| port).collect();
        Self { announced, is_stale, ports }
    }

    /// Whether it is announced at the address of this server, on its link as far as both links are known,
    /// with its port.
    pub(super) fn is_of(&self, server: &ServerRecord) -> bool {
        let is_there = |it: &AnnouncedAddress| {
            let mut links = it.interface.iter().zip(server.interface);
            it.ip == server.ip && links.all(|(announced, heard)| *announced == heard)
        };
        self.ports.contains(&server.port) && self.announced.addresses.iter().any(is_there)
    }
}

/// Whether it is another start of one server.
pub(super) fn has_started_anew(before: &Announced, now: &Announced) -> bool {
    let start = |it: &Announced| {
        let ours = (it.service == ServiceType::cooee()).then(|| Marker::read(it)).flatten();
        ours.map(|marker| marker.instance).filter(|instance| !instance.is_empty())
    };
    matches!((start(before), start(now)), (Some(before), Some(now)) if before != now)
}

/// Whether it says nothing that was not said before, as when some of its records have expired.
pub(super) fn is_left_of(before: &Announced, now: &Announced) -> bool {
    let is_nowhere_else = now.addresses.iter().all(|it| before.addresses.contains(it));
    let says_the_same = now.txt.is_empty() || now.txt == before.txt;
    is_nowhere_else && says_the_same && now.port == before.port
}

/// The server as a look lists it, without an instance that has said goodbye since or is stale, since a list
/// keeps what it heard; `None` if nothing else told of it.
pub(super) fn as_announced<'record>(
    instances: &BTreeMap<AnnouncedKey, Instance>,
    record: &'record ServerRecord,
) -> Option<Cow<'record, ServerRecord>> {
    let is_announced = |key| instances.get(key).is_some_and(|it: &Instance| !it.is_stale);
    if record.named.as_ref().is_none_or(|it| is_announced(&it.key)) {
        return Some(Cow::Borrowed(record));
    }
    let unnamed = || Cow::Owned(ServerRecord { named: None, ..record.clone() });
    (record.protocol != Protocol::DnsSd).then(unnamed)
}
