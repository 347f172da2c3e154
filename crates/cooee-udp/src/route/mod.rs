//! Which way the system would send.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod portable;
mod source;

use std::net::IpAddr;

use cooee_core::Reach;

pub use source::source_towards;

#[cfg(target_os = "linux")]
use linux::Table;
#[cfg(not(target_os = "linux"))]
use portable::Table;

/// The system's routing table.
///
/// Opened with the first question. Only Linux (4.13) tells which route matches; elsewhere no more is
/// known than whether there is one.
#[derive(Debug, Default)]
pub struct RoutingTable(Table);

impl RoutingTable {
    /// How the table leads to an address: never [`Reach::OnLink`], of which the interfaces tell.
    /// `interface` is the index of the interface to send by, and looked at as by [`source_towards`].
    pub fn reach(&mut self, address: IpAddr, interface: Option<u32>) -> Reach {
        let is_link_local = matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local());
        if let Some(prefix_len) = self.0.prefix_len(address, interface.filter(|_| is_link_local)) {
            return Reach::by_route(prefix_len, address.is_ipv6());
        }
        match source_towards(address, interface) {
            Some(_) => Reach::Unknown,
            None => Reach::Nowhere,
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn loopback_has_a_route_of_its_own() {
        let reach = RoutingTable::default().reach([127, 0, 0, 9].into(), None);
        assert_eq!(reach, Reach::Routed);
    }
}
