use std::net::SocketAddr;
use std::path::PathBuf;

/// A socket of this process that accepts connections.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnListener {
    /// By TCP.
    Tcp {
        /// Where it is bound.
        address: SocketAddr,
        /// Whether a socket of IPv6 refuses IPv4; false for one of IPv4.
        v6_only: bool,
    },
    /// By a unix socket, which no other host reaches.
    Unix {
        /// Its file. Sockets without one, such as the guards of ports, are not told of: servers are
        /// reached by a file.
        path: PathBuf,
    },
}
