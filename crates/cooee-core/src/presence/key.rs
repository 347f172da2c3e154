//! By what a server is recognised.

use std::net::IpAddr;

use crate::ServerRecord;
use crate::announced::{AnnouncedKey, ServiceType};
use crate::wire::Protocol;

/// What a server is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// An address, the index of an interface and a port.
    At(IpAddr, u32, u16),
    /// A port of this host.
    Here(u16),
    /// An instance that is announced, and its port.
    Named(AnnouncedKey, u16),
    /// An instance of another type, and the link that it is on; 0 for all.
    Service(AnnouncedKey, u32),
}

/// The instance, if nothing but its announcement tells of it, and it is none of a server that answers
/// probes: then it is a server of its own, whatever else there is at its address.
pub(super) fn of_another_type(record: &ServerRecord) -> Option<&AnnouncedKey> {
    let named = record.named.as_ref().filter(|_| record.protocol == Protocol::DnsSd);
    named.map(|it| &it.key).filter(|key| *key.service() != ServiceType::cooee())
}

/// The link that an announcement is for: link-local addresses alone say nothing of whether two have one server.
pub(super) fn link_of(record: &ServerRecord) -> u32 {
    let is_link_local = |ip: IpAddr| matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
    let is_on_one = record.addresses().all(is_link_local);
    record.interface.filter(|_| is_on_one).unwrap_or_default()
}

/// By what a server is recognised.
pub(super) fn keys(record: &ServerRecord) -> impl Iterator<Item = Key> + '_ {
    let interface = record.interface.unwrap_or_default();
    let addresses = record.addresses().chain(record.named_beside);
    let is_at_addresses = of_another_type(record).is_none();
    let elsewhere = addresses.filter(move |_| is_at_addresses && !record.this_host);
    let here = (is_at_addresses && record.this_host).then_some(Key::Here(record.port));
    let named = record.named.as_ref().map(|it| match of_another_type(record) {
        Some(key) => Key::Service(key.clone(), link_of(record)),
        None => Key::Named(it.key.clone(), record.port),
    });
    here.into_iter()
        .chain(elsewhere.map(move |ip| Key::At(ip, interface, record.port)))
        .chain(named)
}
