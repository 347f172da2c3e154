//! What users set. Nothing here does anything.

mod discovery;
mod host;
mod responder;

pub use discovery::Discovery;
pub use host::HostAddress;
pub use responder::Responder;
