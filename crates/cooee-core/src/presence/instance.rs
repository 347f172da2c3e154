use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::announced::{Announced, AnnouncedAddress, AnnouncedKey, Marker, ServiceType};
use crate::wire::{Family, Protocol};
use crate::{DiscoveryConfig, ServerRecord};

/// An instance that is announced.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) announced: Announced,
    /// Whether its server is gone all the same, so that the announcement is what is left of it.
    pub(super) is_stale: bool,
    /// Whether it has a service and an address that can be connected to.
    is_listed: bool,
    /// The ports of its services, if it is a server of ours.
    ports: Vec<u16>,
}

impl Instance {
    /// One that is announced, with the families in which addresses can be connected to.
    pub(super) fn new(announced: Announced, is_stale: bool, config: &DiscoveryConfig) -> Self {
        let services = Marker::read(&announced).map(|marker| marker.services);
        let ports = services.into_iter().flatten().map(|(_, port)| port).collect::<Vec<_>>();
        let has_service = announced.service != ServiceType::cooee() || !ports.is_empty();
        let mut addresses = announced.addresses.iter();
        let is_listed = has_service && addresses.any(|it| config.speaks(Family::of(it.ip)));
        Self { announced, is_stale, is_listed, ports }
    }

    /// Whether a server that nothing else tells of is there.
    pub(super) fn is_there(&self) -> bool {
        self.is_listed && !self.is_stale
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
    let is_announced = |it: &Instance| match record.protocol {
        Protocol::DnsSd => it.is_there(),
        _ => !it.is_stale,
    };
    let instance = |key| instances.get(key).is_some_and(is_announced);
    if record.named.as_ref().is_none_or(|it| instance(&it.key)) {
        return Some(Cow::Borrowed(record));
    }
    let unnamed = || Cow::Owned(ServerRecord { named: None, ..record.clone() });
    (record.protocol != Protocol::DnsSd).then(unnamed)
}
