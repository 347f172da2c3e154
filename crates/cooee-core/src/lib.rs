//! The protocol engine of Cooee: what to answer, when to send probes, when to stop.
//!
//! Nothing here owns a socket, a clock or a source of randomness. [`ResponderEngine`] answers for a
//! server, [`DiscoveryEngine`] finds servers, and [`CheckEngine`]
//! tells whether they accept connections; [`PresenceEngine`] watches them come and go. All are driven the same way.
//!
//! # The driving contract
//!
//! 1. Hand in what happened: `handle_datagram(now, …)`, `handle_timeout(now)` and, where the type
//!    has them, the other `handle_*`, such as replies to what it asked for.
//! 2. After *every* such call, drain: `poll_event()` until `None`, `poll_transmit()` until `None`.
//! 3. Then wait for a datagram or for the instant that `poll_timeout()` returns, whichever comes
//!    first, and begin again. `None` means that no timer is set. A driver that is late for a timer
//!    hands in the datagrams that have arrived, and only then calls `handle_timeout`.
//!
//! `now` never runs backwards between two calls on the same value. Seeds are arguments, so a run
//! can be repeated exactly. Nothing that arrives from the network is an error: it is answered,
//! recorded, or counted with the reason for its refusal. The engines log through `tracing`: their
//! decisions at `DEBUG`, each datagram at `TRACE`.
#![forbid(unsafe_code)]

mod address;
pub mod announced;
mod answer;
mod call;
mod check;
mod config;
mod datagram;
mod error;
mod examine;
pub mod finding;
pub mod limits;
mod mix;
mod net;
mod offer;
mod presence;
mod reach;
pub mod wire;

pub use answer::{
    Counters, Insistent, ListeningSocket, NeighbourState, ProbeRefusal, ResponderEngine,
    ResponderEvent,
};
pub use call::{
    AnswerRefusal, DiscoveryEngine, DiscoveryEvent, Ended, Estimate, Named, NeighbourRoom, Outcome,
    Refusals, Rejected, Remembered, ServerRecord, Swept, Trust, Unresolved, Via,
};
pub use check::{AttemptId, CheckEngine, CheckId, CheckState, Checked, checks_end};
pub use config::{DiscoveryConfig, Host, RateLimit, ResponderConfig, Wait};
pub use datagram::{Datagram, SocketId, Transmit, Unsent};
pub use error::ConfigError;
pub use examine::{Examiner, ExchangeRefusal, TestAnswer, TestCall, Way};
pub use net::{
    GROUP, Target, broadcast_addresses, broadcast_targets, group_interfaces, group_targets,
    interface, probed_addresses, targets,
};
pub use offer::{
    Advertise, AnswerPolicy, ListedOffer, ListenerRule, MessageError, Offer, OfferRefusal,
    OfferRequest, OfferResponse,
};
pub use presence::{Departure, PresenceEngine, PresenceEvent};
pub use reach::Reach;
