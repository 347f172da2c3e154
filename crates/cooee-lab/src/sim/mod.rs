//! A simulated network in virtual time.
//!
//! A [`Network`] is made from a seed and consists of segments. Hosts are attached to segments by
//! [`Link`]s that lose, delay and duplicate, and each runs one [`Node`]: a state machine behind
//! UDP sockets, driven by the contract of [`cooee_core`]. The same seed and the same calls give the
//! same run.
//!
//! ```
//! use std::time::Duration;
//! use cooee_core::{DiscoveryConfig, ResponderConfig};
//! use cooee_lab::sim::{Client, Link, Network, Server};
//!
//! let mut network = Network::new(7);
//! let office = network.segment("10.0.0.0/16".parse()?);
//! network.attach(office, Link::default(), |host| {
//!     Server::new(ResponderConfig::default(), host).expect("a sound configuration")
//! });
//! let client = network.attach(office, Link::default(), |host| {
//!     Client::new(DiscoveryConfig::default(), host).expect("a sound configuration")
//! });
//! network.run_until_idle(Duration::from_secs(10));
//! assert_eq!(network[client].discovery().servers().len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is simulated only where a test asks for it, each by chance from the seed where it is by
//! chance at all:
//!
//! * links that lose in [`Bursts`] or in [`Outage`]s, and hosts that sleep between beacons
//!   ([`PowerSaving`]): fields of [`Link`];
//! * link addresses that have to be asked for, and what waits for them in send buffers: [`Arp`],
//!   [`Network::set_send_buffer`], [`Node::wants_neighbour`], [`Node::handle_unsent`];
//! * a firewall of a host that tracks connections: [`Network::set_firewall`], and neighbour tables
//!   that a client reads: [`Client::reading_neighbours`];
//! * hosts that send late: [`Network::delay_sending`];
//! * drivers that are busy, and what they see to first afterwards: [`Network::keep_busy`],
//!   [`Node::poll_work`], [`Waking`];
//! * IPv6, alone or beside IPv4, and link-local addresses, whose scope is the index of an
//!   interface: [`Network::segment_of`];
//! * several sockets of one node, each with a send buffer of its own: [`Node::sockets`];
//! * several networks on one wire: [`Network::segment_beside`]. A host may be attached to one wire
//!   more than once.
//!
//! What is left out:
//!
//! * multicast groups: a multicast reaches the whole wire;
//! * more than one node on a host, and so whatever a host sends to itself by broadcast;
//! * receive buffers by socket: a bounded one is that of a link, whichever socket it is for;
//! * the way out of a host: a link is the way *to* its host, so a broadcast is lost for each hearer
//!   separately, and what disturbs a link leaves alone what its host sends;
//! * routers: unicasts between segments get there by the links to the hosts alone, and no router
//!   needs a link address. There is no way to forbid that;
//! * the ageing of link addresses: once resolved, they stay so. A host takes them from requests to
//!   itself and from replies, not from the requests to others that it hears;
//! * ICMP: nobody is told that a datagram did not get there.

mod arp;
mod attachment;
mod chance;
mod disturbance;
mod driver;
mod event;
mod firewall;
mod host;
mod inbox;
mod link;
mod network;
mod node;
mod nodes;
mod packet;
mod port;
mod prefix;
mod seeds;
mod segment;
mod situation;
mod socket;
mod trial;

pub use arp::Arp;
pub use disturbance::{Bursts, Outage, PowerSaving};
pub use driver::Waking;
pub use host::{Handle, Traffic};
pub use link::{Buffer, Link};
pub use network::Network;
pub use node::{Node, Setting};
pub use nodes::{Client, Flood, Server, StockClient, Watcher};
pub use seeds::{SEED_VARIABLE, for_each_seed};
pub use segment::Segment;
pub use situation::Situation;
pub use socket::Socket;
pub use trial::{Run, Summary, Trial};
