//! The drivers that wait on a tokio runtime.

mod browsing;
mod discovering;
mod ears;
mod ending;
mod responding;
mod source;

pub use browsing::BrowserStream;
pub use discovering::ServerStream;
pub use responding::AsyncResponding;
