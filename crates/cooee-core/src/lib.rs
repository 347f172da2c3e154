//! The protocol engine of Cooee: what to answer, when to call again, when it is enough.
//!
//! Nothing here owns a socket, a clock or a source of randomness. [`ResponderEngine`] is the
//! answering side and [`DiscoveryEngine`] the calling side; both are driven the same way.
//!
//! # The driving contract
//!
//! 1. Hand in what happened: `handle_datagram(now, …)`, `handle_timeout(now)` and, where the type
//!    has them, the answers to what it asked for and the other `handle_*`.
//! 2. After *every* such call, drain: `poll_event()` until `None`, `poll_transmit()` until `None`.
//! 3. Then wait for a datagram or for the instant that `poll_timeout()` names, whichever is first,
//!    and begin again. `None` means that no timer is set. Whoever is late for a timer hands in what
//!    has arrived first.
//!
//! `now` never runs backwards between two calls on the same value. Seeds are arguments, so a run
//! can be repeated exactly. Nothing that arrives from the network is an error: it is answered,
//! recorded, or counted with the reason why not. With a `tracing` subscriber the engines can be
//! watched: `DEBUG` tells what they decide, `TRACE` each datagram.
#![forbid(unsafe_code)]

mod answer;
mod call;
mod config;
mod datagram;
mod error;
pub mod limits;
mod net;
pub mod wire;

pub use answer::{
    Counters, Insistent, NeighbourState, ProbeRefusal, ResponderEngine, ResponderEvent,
};
pub use call::{
    AnswerRefusal, DiscoveryEngine, DiscoveryEvent, Ended, Estimate, NeighbourRoom, Outcome,
    Refusals, Rejected, ServerRecord, Swept, Trust,
};
pub use config::{
    Advertise, AnswerPolicy, DiscoveryConfig, Host, RateLimit, ResponderConfig, Wait,
};
pub use datagram::{Datagram, SocketId, Transmit};
pub use error::ConfigError;
pub use net::{Target, broadcast_addresses, broadcast_targets, interface};
