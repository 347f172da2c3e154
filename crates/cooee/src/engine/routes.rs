use std::collections::HashMap;
use std::net::IpAddr;

use cooee_core::Reach;
use cooee_core::interface::Interface;
use cooee_udp::RoutingTable;

/// How this host gets to the addresses of servers.
#[derive(Default)]
pub(super) struct Routes {
    table: RoutingTable,
    asked: HashMap<IpAddr, Reach>,
}

impl Routes {
    /// Addresses that are asked about; of more it is unknown.
    const MOST: usize = 256;

    /// How this host gets to `address`, of which was heard by `interface`. Asks once about each.
    pub(super) fn reach(
        &mut self,
        address: IpAddr,
        interface: Option<u32>,
        interfaces: &[Interface],
    ) -> Reach {
        if address.is_loopback() || interfaces.iter().any(|i| i.is_on_link(address)) {
            return Reach::OnLink;
        }
        if let Some(known) = self.asked.get(&address) {
            return *known;
        }
        if self.asked.len() >= Self::MOST {
            return Reach::Unknown;
        }
        let reach = self.table.reach(address, interface);
        self.asked.insert(address, reach);
        reach
    }
}
