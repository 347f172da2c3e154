//! The builders. They only hold settings.

mod browsed;
mod browsing;
mod discovery;
mod host;
mod published;
mod responder;

pub use discovery::Discovery;
pub use host::{HostAddress, HostError};
pub use responder::Responder;
