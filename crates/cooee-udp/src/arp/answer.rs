use std::net::Ipv4Addr;

/// A host that answers for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ArpAnswer {
    /// The address.
    pub address: Ipv4Addr,
    /// The link address of the host.
    pub link: [u8; 6],
}
