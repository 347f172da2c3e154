use std::net::SocketAddr;

use crate::wire::Family;
use crate::{DiscoveryConfig, Host};

/// What is known of a host that was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// It has not answered.
    Silent,
    /// It has answered.
    Heard,
    /// Its system said that nothing listens there.
    Refused,
}

/// The hosts that were named, each of which is expected to answer.
#[derive(Debug)]
pub(in crate::call) struct KnownHosts(Vec<KnownHost>);

#[derive(Debug)]
struct KnownHost {
    name: String,
    addresses: Vec<(SocketAddr, Known)>,
}

impl KnownHost {
    /// An answer from one address is the host's; a refusal is only when every address refuses.
    fn known(&self) -> Known {
        let is = |known| move |&(_, state): &(SocketAddr, Known)| state == known;
        if self.addresses.iter().any(is(Known::Heard)) {
            Known::Heard
        } else if self.addresses.iter().all(is(Known::Refused)) {
            Known::Refused
        } else {
            Known::Silent
        }
    }
}

/// Whether both are one address and port, whatever scope is known of them.
pub(super) fn is_same(one: SocketAddr, other: SocketAddr) -> bool {
    (one.ip(), one.port()) == (other.ip(), other.port())
}

impl KnownHosts {
    /// These hosts, each with the addresses that a protocol can be spoken to.
    pub(in crate::call) fn new(hosts: &[Host], config: &DiscoveryConfig) -> Self {
        let is_called = |address: &&SocketAddr| config.speaks(Family::from(**address));
        let known = |host: &Host| KnownHost {
            name: host.name.clone(),
            addresses: host
                .addresses
                .iter()
                .filter(is_called)
                .map(|&address| (address, Known::Silent))
                .collect(),
        };
        Self(hosts.iter().map(known).collect())
    }

    /// Notes that an answer came from `source`. If its port was not
    /// named, it is the answer of the host that was probed at its address.
    pub(super) fn hear(&mut self, source: SocketAddr) {
        let mut called = self.0.iter().flat_map(|host| &host.addresses);
        if called.any(|&(called, _)| is_same(called, source)) {
            self.resolve(Known::Heard, |called| is_same(called, source));
        } else {
            self.resolve(Known::Heard, |called| called.ip() == source.ip());
        }
    }

    /// Notes that nothing listens at `address`. Says whether that is news.
    pub(super) fn refuse(&mut self, address: SocketAddr) -> bool {
        self.resolve(Known::Refused, |called| is_same(called, address))
    }

    fn resolve(&mut self, to: Known, is_it: impl Fn(SocketAddr) -> bool) -> bool {
        let mut news = false;
        for (called, known) in self.0.iter_mut().flat_map(|host| &mut host.addresses) {
            if *known != to && *known != Known::Heard && is_it(*called) {
                *known = to;
                news = true;
            }
        }
        news
    }

    pub(super) fn are_resolved(&self) -> bool {
        self.silent().next().is_none()
    }

    /// The names of those that have not answered.
    pub(in crate::call) fn silent(&self) -> impl Iterator<Item = &str> {
        self.named(Known::Silent)
    }

    /// The names of those at which nothing listens.
    pub(in crate::call) fn refused(&self) -> impl Iterator<Item = &str> {
        self.named(Known::Refused)
    }

    fn named(&self, known: Known) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |host| host.known() == known).map(|host| host.name.as_str())
    }
}
