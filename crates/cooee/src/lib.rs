//! Find servers on a local network by UDP broadcast, and make a server discoverable.
//!
//! A server is discoverable while the returned guard lives:
//!
//! ```no_run
//! let _answering = cooee::Responder::new().service_port(8000).start()?;
//! # Ok::<(), cooee::StartError>(())
//! ```
//!
//! A client finds every server that answers:
//!
//! ```no_run
//! for server in cooee::discover()? {
//!     println!("{}", server.url());
//! }
//! # Ok::<(), cooee::DiscoverError>(())
//! ```
//!
//! It sends probes by UDP broadcast from each interface, several times, until hardly any server can
//! be missing; [`Found::outcome`] says how sure that is. [`Discovery`] has the settings, and yields
//! the first server only, or all of them [as they answer](Discovery::servers), or a
//! [live view](Discovery::watch) of servers that come, change and go.
//!
//! The protocol is that of `django-udp-discovery` 1.0.0, and works with its servers and clients.
//!
//! # Features
//!
//! The feature `mdns`, which is there by default, announces a server that has a
//! [name](Responder::name) by DNS-SD.
//!
//! Nothing here needs an async runtime. The feature `tokio` adds asynchronous twins that behave the
//! same: [`Discovery`] has `run_async`, `first_async` and `servers_async` and `watch_async`, [`Responder`] has
//! `start_async`.

#[cfg(feature = "tokio")]
mod asynchronous;
mod blocking;
mod doctor;
mod engine;
mod error;
mod evidence;
mod found;
mod notice;
mod offers;
mod presence;
mod server;
mod settings;

pub use bytes;
pub use cooee_core::announced;
pub use cooee_core::finding;
pub use cooee_core::interface;
pub use cooee_core::limits;
pub use cooee_core::wire::classic::{
    Classic, DEFAULT_MESSAGE, DEFAULT_PORT, DEFAULT_PREFIX, DEFAULT_SERVICE_PORT,
};
pub use cooee_core::wire::{Families, Protocol, Reply, ReplyError};
pub use cooee_core::{
    Advertise, AnswerPolicy, AnswerRefusal, CheckState, Checked, ConfigError, Counters, Departure,
    DiscoveryConfig, Ended, Estimate, ListedOffer, ListenerRule, Named, Offer, OfferRefusal,
    Outcome, ProbeRefusal, RateLimit, Reach, Refusals, Rejected, Remembered, Swept, Trust,
    Unresolved, Via, Wait, broadcast_addresses, probed_addresses,
};
pub use cooee_udp::{
    Ahead, Gateway, OwnListener, Owner, PortOffers, SocketError, default_gateway, interfaces,
    own_listeners,
};
pub use ipnet;

#[cfg(feature = "tokio")]
pub use asynchronous::{AsyncResponding, BrowserStream, ServerStream};
pub use blocking::{Browser, Next, NextPresence, Responding, Servers, Stopper};
pub use doctor::{Checkup, Doctor, Stage, TestCalls, answer_test_calls};
pub use error::{DiscoverError, StartError};
pub use evidence::firewall_of_server;
pub use found::Found;
pub use notice::{Notice, State, Stats};
pub use offers::offers_on;
pub use presence::Presence;
pub use server::{Scheme, Server};
pub use settings::{Discovery, HostAddress, HostError, Responder};

/// Finds the servers on the networks of this host, with every setting at its default.
///
/// Takes between 1.5 s, when every server answers at once, and 5 s.
///
/// # Errors
/// As [`Discovery::run`].
pub fn discover() -> Result<Found, DiscoverError> {
    Discovery::new().run()
}

/// Finds one server, whichever answers first; `None` if none does within 5 s.
///
/// # Errors
/// As [`Discovery::run`].
pub fn discover_one() -> Result<Option<Server>, DiscoverError> {
    Discovery::new().first()
}
