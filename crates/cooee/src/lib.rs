//! Find servers on a local network by calling for them, and let a server answer.
//!
//! A server makes itself discoverable while the guard lives:
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
//! It calls by UDP broadcast on each interface, several times, until hardly anybody can be missing;
//! [`Found::outcome`] says how sure that is. [`Discovery`] sets the details, gives the first answer
//! only, or the answers [as they arrive](Discovery::answers).
//!
//! The bytes are those of `django-udp-discovery` 1.0.0, and work with its servers and clients.
//!
//! # Features
//!
//! Nothing here needs an async runtime. The feature `tokio` adds asynchronous twins that behave the
//! same: `run_async`, `first_async` and `answers_async` of [`Discovery`], and `start_async` of
//! [`Responder`].

#[cfg(feature = "tokio")]
mod asynchronous;
mod backoff;
mod blocking;
mod discovery;
mod error;
mod log_limit;
mod pulse;
mod responder;
mod server;

pub use cooee_core::interface;
pub use cooee_core::limits;
pub use cooee_core::wire::classic::{
    Answer, AnswerError, Classic, DEFAULT_MESSAGE, DEFAULT_PORT, DEFAULT_PREFIX,
    DEFAULT_SERVICE_PORT,
};
pub use cooee_core::{
    Advertise, AnswerPolicy, ConfigError, Counters, DiscoveryConfig, Ended, Estimate, Outcome,
    ProbeRefusal, RateLimit, Refusals, Target, Trust, Wait, call_targets,
};
pub use cooee_udp::{Ahead, Owner, SocketError, interfaces};
pub use ipnet;

#[cfg(feature = "tokio")]
pub use asynchronous::{AsyncAnswers, AsyncResponding};
pub use blocking::{Answers, Next, Responding, Stopper};
pub use discovery::{Discovery, Found};
pub use error::{DiscoverError, StartError};
pub use responder::{Notice, Responder, State, Stats};
pub use server::{Protocol, Scheme, Server};

/// Finds the servers on the networks of this host, with every setting at its default.
///
/// Takes between 0.7 s, when everybody answers at once, and 5 s.
///
/// # Errors
/// As [`Discovery::run`].
pub fn discover() -> Result<Found, DiscoverError> {
    Discovery::new().run()
}

/// Finds one server, whichever answers first; `None` if nobody does within 5 s.
///
/// # Errors
/// As [`Discovery::run`].
pub fn discover_one() -> Result<Option<Server>, DiscoverError> {
    Discovery::new().first()
}
