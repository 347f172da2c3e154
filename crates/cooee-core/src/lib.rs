//! The protocol engine of Cooee: what to answer, when to call again, when it is enough.
//!
//! Nothing here owns a socket, a clock or a source of randomness. [`Responder`] is the answering
//! side and [`Discovery`] the calling side; both are driven the same way.
//!
//! # The driving contract
//!
//! 1. Hand in what happened: `handle_datagram(now, …)`, `handle_timeout(now)` and, where the type
//!    has them, `handle_route(…)` and `handle_drops(…)`.
//! 2. After *every* such call, drain: `poll_transmit()` until `None`, `poll_event()` until `None`.
//! 3. Then wait for a datagram or for the instant that `poll_timeout()` names, whichever is first,
//!    and begin again. `None` means that no timer is set.
//!
//! `now` never runs backwards between two calls on the same value. Seeds are arguments, so a run
//! can be repeated exactly. Nothing that arrives from the network is an error: it is answered,
//! recorded, or counted with the reason why not.
#![forbid(unsafe_code)]

mod config;
mod datagram;
mod discovery;
mod error;
pub mod interface;
pub mod limits;
mod responder;
pub mod wire;

pub use config::{Advertise, AnswerPolicy, DiscoveryConfig, RateLimit, ResponderConfig, Wait};
pub use datagram::{Datagram, Transmit};
pub use discovery::{
    AnswerRefusal, Discovery, DiscoveryEvent, Ended, Estimate, Outcome, Refusals, Server, Target,
    Trust, call_targets,
};
pub use error::ConfigError;
pub use responder::{Counters, ProbeRefusal, Responder, ResponderEvent};
