//! Every process that has a port.

use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};

use super::bound::Bound;
use super::owner::Owner;
use super::sys::{self, Guard, Vigil};

/// Who has a port on this host.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PortOwners {
    /// The processes that have a socket on it, as far as they may be seen, at most eight.
    pub owners: Vec<Owner>,
    /// How many sockets are bound to it.
    pub sockets: usize,
    /// Whether one of them uses this library, where ports have guards, which tell that.
    pub is_ours: Option<bool>,
}

/// Who has `port`, at any address of IPv4; `None` where the system does not list sockets: all but
/// Linux, Windows and macOS, which lists those of other users for root only, so that for others none
/// that is seen is not none.
pub fn port_owners(port: u16) -> Option<PortOwners> {
    const MOST: usize = 8;
    let address = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port);
    let bound = sys::all_bound(address)?;
    let owners = if bound.is_empty() { Vec::new() } else { sys::holders(&bound, MOST) };
    let is_ours = |socket: &Bound| match socket.ip {
        IpAddr::V4(ip) => Vigil::is_owned(SocketAddrV4::new(ip, port)),
        IpAddr::V6(_) => false,
    };
    let is_ours = Guard::EXIST.then(|| bound.iter().any(is_ours));
    Some(PortOwners { owners, sockets: bound.len(), is_ours })
}

#[cfg(all(test, any(target_os = "linux", windows)))]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn a_socket_of_this_process_is_found_and_is_foreign_without_a_guard() {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
        let port = socket.local_addr().expect("it is bound").port();
        // Wine learns whose it is from its first use.
        socket.set_nonblocking(true).expect("it can be set");
        socket.recv(&mut [0]).expect_err("nothing was sent");
        let found = port_owners(port).expect("the system lists sockets");
        let is_ours = Guard::EXIST.then_some(false);
        assert_eq!((found.sockets, found.is_ours), (1, is_ours));
        assert_eq!(found.owners.iter().map(|o| o.pid).collect::<Vec<_>>(), [std::process::id()]);
        assert!(found.owners[0].name.is_some(), "{found:?}");
        drop(socket);
        assert_eq!(port_owners(port).expect("the system lists sockets").owners, []);
    }
}
