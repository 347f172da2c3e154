use std::net::{IpAddr, Ipv4Addr};

/// Whether this can be the address of a host.
pub(crate) fn may_be_a_host(address: IpAddr) -> bool {
    let is_broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
    !address.is_unspecified() && !address.is_multicast() && !is_broadcast
}
