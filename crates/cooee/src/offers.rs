use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use cooee_udp::PortOffers;

/// Which services are answered for on a UDP port of this host, as its owner tells: the process that
/// has the port, if that uses this library and runs as root, as the same user, or takes offers from
/// a group of this user. `None` if no such process has the port, and where the system has no guards
/// (all but Linux). Waits a second at most.
pub fn offers_on(port: u16) -> Option<PortOffers> {
    const PATIENCE: Duration = Duration::from_secs(1);
    cooee_udp::offers_on(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port), PATIENCE)
}
