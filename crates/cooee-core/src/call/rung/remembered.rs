use std::net::SocketAddr;

use super::hosts::is_same;
use crate::wire::Family;
use crate::{DiscoveryConfig, limits};

/// What came of calling the servers that were found before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Remembered {
    /// The addresses that answered, to whatever probe.
    pub answered: Vec<SocketAddr>,
    /// The others.
    pub silent: Vec<SocketAddr>,
}

/// The addresses at which servers were found before. Whether any of them answers is open, so nobody
/// waits for them and nobody misses them.
#[derive(Debug)]
pub(in crate::call) struct RememberedHosts(Vec<(SocketAddr, bool)>);

impl RememberedHosts {
    /// Those of `config` that a protocol can be spoken to and that are not called by name anyway.
    pub(in crate::call) fn new(config: &DiscoveryConfig) -> Self {
        let mut called: Vec<(SocketAddr, bool)> = Vec::new();
        for &address in &config.remembered {
            let mut named = config.hosts.iter().flat_map(|host| &host.addresses);
            let is_new = !called.iter().any(|&(other, _)| other == address)
                && !named.any(|&host| is_same(host, address));
            if is_new && config.speaks(Family::from(address)) && address.port() != 0 {
                called.push((address, false));
            }
        }
        called.truncate(limits::REMEMBERED_MAX);
        Self(called)
    }

    pub(in crate::call) fn addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.0.iter().map(|&(address, _)| address)
    }

    pub(super) fn hear(&mut self, source: SocketAddr) {
        for (address, has_answered) in &mut self.0 {
            *has_answered |= is_same(*address, source);
        }
    }

    pub(in crate::call) fn told(&self) -> Remembered {
        let (answered, silent): (Vec<_>, Vec<_>) = self.0.iter().partition(|(_, heard)| *heard);
        let addresses = |of: Vec<(SocketAddr, bool)>| of.into_iter().map(|(it, _)| it).collect();
        Remembered { answered: addresses(answered), silent: addresses(silent) }
    }
}
