use std::collections::BTreeMap;
use std::net::IpAddr;

use cooee_core::interface::Interface;
use cooee_udp::source_towards;

/// Which addresses the system has a route to, asked once for each.
#[derive(Default)]
pub(super) struct Routes(BTreeMap<IpAddr, bool>);

impl Routes {
    /// Addresses that are remembered; more are taken to have a route.
    const MOST: usize = 256;

    /// Whether there is a route to `address`, which arrived by `interface`.
    pub(super) fn lead_to(
        &mut self,
        address: IpAddr,
        interface: Option<u32>,
        interfaces: &[Interface],
    ) -> bool {
        if address.is_loopback() || interfaces.iter().any(|i| i.is_on_link(address)) {
            return true;
        }
        match self.0.get(&address) {
            Some(&known) => known,
            None if self.0.len() >= Self::MOST => true,
            None => {
                let leads = source_towards(address, interface).is_some();
                self.0.insert(address, leads);
                leads
            }
        }
    }

    /// Forgets what was learnt, since the interfaces have changed.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}
