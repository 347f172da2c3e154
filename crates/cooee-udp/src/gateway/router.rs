use std::net::IpAddr;

/// The router that the default route leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// Its address.
    pub address: IpAddr,
    /// The index of the interface on whose link it is.
    pub interface: u32,
    /// Its link address, such as the six bytes of Ethernet; `None` while the system has not
    /// resolved it.
    pub link_address: Option<Vec<u8>>,
}
