//! A port that programs are to share, and that one of them keeps for itself.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use cooee_core::wire::Families;
use socket2::{Domain, Socket, Type};

use super::owner::Owner;
use super::owners::port_owners;

/// A port that another program keeps for itself, though it is meant to be shared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeptPort {
    /// The families over which nobody else can have it.
    pub families: Families,
    /// Who keeps it, if we may see that process.
    pub owner: Option<Owner>,
}

/// Whether a program keeps `port`, such as that of multicast DNS, from all others: it has bound it
/// without `SO_REUSEADDR`. `None` if the port is free or shared.
///
/// Binds a socket of each family for a moment, in the way of programs that share: that of IPv6 takes
/// IPv4 too, so a program that keeps IPv4 for itself keeps both.
pub fn kept_port(port: u16) -> Option<KeptPort> {
    let v4 = is_kept(Domain::IPV4, (Ipv4Addr::UNSPECIFIED, port).into());
    let v6 = is_kept(Domain::IPV6, (Ipv6Addr::UNSPECIFIED, port).into());
    let families = match (v4, v6) {
        (true, _) => Families::Both,
        (false, true) => Families::V6,
        (false, false) => return None,
    };
    let owner = port_owners(port).and_then(|found| found.owners.into_iter().next());
    Some(KeptPort { families, owner })
}

/// A family that the host does not have is not kept by anybody.
fn is_kept(domain: Domain, address: SocketAddr) -> bool {
    let bind = || -> io::Result<()> {
        let socket = Socket::new(domain, Type::DGRAM, None)?;
        socket.set_reuse_address(true)?;
        #[cfg(unix)]
        socket.set_reuse_port(true)?;
        socket.bind(&address.into())
    };
    bind().is_err_and(|error| match error.kind() {
        io::ErrorKind::AddrInUse => true,
        // Windows says so of a port that a program has for itself alone.
        io::ErrorKind::PermissionDenied => cfg!(windows),
        _ => false,
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn a_port_is_kept_by_a_socket_that_does_not_share_it() {
        let socket = UdpSocket::bind("0.0.0.0:0").expect("a port is free");
        let port = socket.local_addr().expect("it is bound").port();
        let kept = kept_port(port).expect("it is kept");
        assert_eq!(kept.families, Families::Both);
        assert_eq!(kept.owner.map(|owner| owner.pid), Some(std::process::id()));
        drop(socket);
        assert_eq!(kept_port(port), None);
    }

    #[test]
    fn a_port_that_is_shared_is_not_kept() {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).expect("a socket");
        socket.set_reuse_address(true).expect("an option");
        socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)).into()).expect("a free port");
        let address = socket.local_addr().expect("it is bound").as_socket().expect("of IPv4");
        assert_eq!(kept_port(address.port()), None);
    }
}
