use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};

/// The local address from which the system would send to `destination`; `None` without a route.
/// `interface` is the index of the interface to send by: a link-local address of IPv6 has no
/// meaning without it, and for every other address it is not looked at.
///
/// Asks the routing table by connecting a socket, which sends nothing.
pub fn source_towards(destination: IpAddr, interface: Option<u32>) -> Option<IpAddr> {
    const ANY_PORT: u16 = 9;
    let (any, destination): (IpAddr, SocketAddr) = match destination {
        IpAddr::V4(address) => (Ipv4Addr::UNSPECIFIED.into(), (address, ANY_PORT).into()),
        IpAddr::V6(address) => {
            let scope = interface.filter(|_| address.is_unicast_link_local()).unwrap_or_default();
            let scoped = SocketAddrV6::new(address, ANY_PORT, 0, scope);
            (Ipv6Addr::UNSPECIFIED.into(), scoped.into())
        }
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(destination).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_reached_from_loopback() {
        for address in [IpAddr::V4(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()] {
            if UdpSocket::bind((address, 0)).is_ok() {
                assert_eq!(source_towards(address, None), Some(address));
            }
        }
    }

    #[test]
    fn a_link_local_address_leads_nowhere_without_its_interface() {
        let there = "fe80::77".parse().expect("an address");
        assert_eq!(source_towards(there, None), None);
    }
}
