use std::net::IpAddr;

use cooee_core::interface::{Interface, role};
use ipnet::IpNet;

/// Sets the role, once the addresses are known. `kind` is the system's word for what it is.
pub(super) fn with_role(interface: Interface, kind: Option<&str>) -> Interface {
    let has_address = interface.addresses.iter().any(|net| !is_link_local_ipv6(net));
    let role = role(&interface.name, kind, has_address);
    Interface { role, ..interface }
}

fn is_link_local_ipv6(net: &IpNet) -> bool {
    matches!(net.addr(), IpAddr::V6(address) if address.is_unicast_link_local())
}
