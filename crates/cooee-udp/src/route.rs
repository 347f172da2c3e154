use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

/// The local address from which the system would send to `destination`; `None` without a route.
///
/// Asks the routing table by connecting a socket, which sends nothing.
pub fn source_towards(destination: Ipv4Addr) -> Option<Ipv4Addr> {
    const ANY_PORT: u16 = 9;
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((destination, ANY_PORT)).ok()?;
    match socket.local_addr().ok()? {
        SocketAddr::V4(local) => Some(*local.ip()),
        SocketAddr::V6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_reached_from_loopback() {
        assert_eq!(source_towards(Ipv4Addr::LOCALHOST), Some(Ipv4Addr::LOCALHOST));
    }
}
