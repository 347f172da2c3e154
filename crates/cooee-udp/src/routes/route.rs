use std::net::IpAddr;

use ipnet::IpNet;

/// A route to other hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// Which addresses it leads to; all of them (`/0`) for a default route.
    pub destination: IpNet,
    /// The router; `None` for a network that the interface itself is on.
    pub gateway: Option<IpAddr>,
    /// The index of the interface, if there is one.
    pub interface: Option<u32>,
}

impl Route {
    /// Whether it leads to every address, or to the half of them. VPNs write a default route as two
    /// halves, which take precedence over the one that was there.
    pub fn is_default(&self) -> bool {
        self.destination.prefix_len() <= 1
    }
}
