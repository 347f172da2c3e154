//! Asking again for addresses that a host left out.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use cooee_core::announced::Announced;
use cooee_core::limits;
use cooee_core::wire::Family;
use mdns_sd::{HostnameResolutionEvent, Receiver, ServiceDaemon};

use super::link::Link;

/// A host leaves an address out of an answer that it multicast within the last second (RFC 6762 section 6), and
/// some leave out those of one family. So each host that lacks a family which is browsed where it was heard is
/// asked for its addresses once more: at once, and after a second.
#[derive(Default)]
pub(super) struct Asking {
    links: Mutex<Vec<Link>>,
    asked: Mutex<Asked>,
}

#[derive(Default)]
struct Asked {
    hosts: BTreeSet<String>,
    /// The library asks as long as somebody listens.
    listening: Vec<Receiver<HostnameResolutionEvent>>,
}

impl Asking {
    /// How long the library asks, which is at 20 to 120 ms, and a second after that.
    const ASKS_FOR_MS: u64 = 1500;

    pub(super) fn use_links(&self, links: &[Link]) {
        *self.links.lock().unwrap_or_else(PoisonError::into_inner) = links.to_vec();
    }

    /// Asks for what this instance lacks, if its host was not asked before.
    pub(super) fn look_at(&self, daemon: &ServiceDaemon, host: &str, announced: &Announced) {
        let links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        if !lacks_family(announced, &links) {
            return;
        }
        drop(links);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = asked.hosts.len() < limits::HOSTS_ASKED_MAX;
        if has_room && asked.hosts.insert(host.to_ascii_lowercase()) {
            // A name that the library does not take cannot be asked for.
            asked.listening.extend(daemon.resolve_hostname(host, Some(Self::ASKS_FOR_MS)));
        }
    }
}

/// Whether it has no address of a family that is browsed on a link on which it was heard.
fn lacks_family(announced: &Announced, links: &[Link]) -> bool {
    let has = |on: u32, family: Family| {
        let mut there = announced.addresses.iter().filter(|it| it.interface == Some(on));
        there.any(|it| Family::of(it.ip) == family)
    };
    let was_heard = |on: u32| announced.addresses.iter().any(|it| it.interface == Some(on));
    links.iter().any(|&(on, family)| was_heard(on) && !has(on, family))
}
