//! What Cooee needs of the operating system: sockets that know interfaces and destinations, the
//! interface list and its changes, neighbours and routes, and the ownership of a port.
//!
//! Everything here is non-blocking and decides nothing; `cooee-core` decides. Linux has all of it.
//! Elsewhere the same API is there with less behind it: drops are not counted, the send buffer's
//! room, refused datagrams and neighbours are not told, a stand-by process retries once a second.
//! Interfaces without an address are listed on Linux and Windows only. On systems other than these,
//! macOS and FreeBSD, changes are noticed within a second of use; on systems other than the first
//! three, nobody says which process has a port.

mod arp;
mod connection;
mod firewall;
mod gateway;
mod interfaces;
mod listeners;
mod neighbours;
#[cfg(target_os = "linux")]
mod netlink;
#[cfg(target_os = "linux")]
mod option;
mod own_listeners;
mod ownership;
mod route;
mod routes;
mod socket;
mod watch;
#[cfg(windows)]
mod windows;

pub use arp::{ArpAnswer, arp_probe};
pub use connection::{connect, connected};
pub use firewall::{firewall, tracks_connections};
pub use gateway::{Gateway, default_gateway};
pub use interfaces::{has_only_virtual_links, interfaces};
pub use listeners::Listeners;
pub use neighbours::{NeighbourRoom, NeighbourState, Neighbours};
pub use own_listeners::{OwnListener, own_listeners};
pub use ownership::{
    Ahead, BindError, Claim, KeptPort, OwnedPort, Owner, PortOffers, PortOwners, StandBy,
    kept_port, offers_on, port_owners,
};
pub use route::{RoutingTable, source_towards};
pub use routes::{Route, routes};
#[cfg(feature = "storms")]
#[doc(hidden)]
pub use socket::Storm;
pub use socket::{
    ReceiveBuffer, Refusal, SendFailure, SendRoom, SocketError, SocketMemory, UdpSocket,
    is_of_earlier, lacks_family, may_be_withheld,
};
pub use watch::InterfaceWatch;
