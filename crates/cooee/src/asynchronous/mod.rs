//! The drivers that wait on a tokio runtime.

mod discovering;
mod responding;

pub use discovering::ServerStream;
pub use responding::AsyncResponding;
