use std::collections::BTreeSet;
use std::net::IpAddr;

use cooee_core::interface::Interface;
use cooee_udp::source_towards;

/// Which addresses the system has no route to.
#[derive(Default)]
pub(super) struct Routes {
    asked: usize,
    unrouted: BTreeSet<IpAddr>,
}

impl Routes {
    /// Addresses that are asked about; more are taken to have a route.
    const MOST: usize = 256;

    /// Asks whether there is a route to `address`, of which was heard by `interface`.
    pub(super) fn ask(
        &mut self,
        address: IpAddr,
        interface: Option<u32>,
        interfaces: &[Interface],
    ) {
        let is_near = || interfaces.iter().any(|i| i.is_on_link(address));
        if self.asked >= Self::MOST || address.is_loopback() || is_near() {
            return;
        }
        self.asked += 1;
        if source_towards(address, interface).is_none() {
            self.unrouted.insert(address);
        }
    }

    /// Whether there is a route to `address`, as far as was asked.
    pub(super) fn lead_to(&self, address: IpAddr) -> bool {
        !self.unrouted.contains(&address)
    }
}
