//! A simulated network in virtual time.
//!
//! A [`Network`] is made from a seed and consists of segments. Hosts are attached to segments by
//! [`Link`]s that lose, delay and duplicate, and each runs one [`Node`]: a state machine behind one
//! UDP socket, driven by the contract of [`cooee_core`]. The same seed and the same calls give the
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
//! What is left out: IPv6, multicast groups (a multicast reaches the whole segment), more than one
//! socket on a host, and the way out of a host (a link is the way *to* its host, so a broadcast is
//! lost for each hearer separately).

mod arp;
mod attachment;
mod disturbance;
mod driver;
mod event;
mod host;
mod link;
mod network;
mod node;
mod nodes;
mod prefix;
mod seeds;
mod segment;
mod trial;

pub use arp::Arp;
pub use disturbance::{Bursts, Outage, PowerSaving};
pub use driver::Waking;
pub use host::{Handle, Traffic};
pub use link::{Buffer, Link};
pub use network::Network;
pub use node::{Node, Setting};
pub use nodes::{Client, Flood, Server, StockClient};
pub use seeds::{SEED_VARIABLE, for_each_seed};
pub use segment::Segment;
pub use trial::{Run, Summary, Trial};
