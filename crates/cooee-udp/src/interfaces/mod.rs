//! The host's interfaces.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod sys;
#[cfg(not(target_os = "linux"))]
#[path = "portable.rs"]
mod sys;

#[cfg(test)]
mod tests;

use std::io;
use std::net::IpAddr;

use cooee_core::interface::{Interface, role};
use ipnet::IpNet;

/// The host's interfaces, in the system's order. Linux also lists those without an address.
///
/// # Errors
/// When the system does not list them; it may help to try again.
pub fn interfaces() -> io::Result<Vec<Interface>> {
    sys::interfaces()
}

/// Sets the role, once the addresses are known. `kind` is the system's word for what it is.
fn with_role(interface: Interface, kind: Option<&str>) -> Interface {
    let has_address = interface.addresses.iter().any(|net| !is_link_local_ipv6(net));
    let role = role(&interface.name, kind, has_address);
    Interface { role, ..interface }
}

fn is_link_local_ipv6(net: &IpNet) -> bool {
    matches!(net.addr(), IpAddr::V6(address) if address.is_unicast_link_local())
}
