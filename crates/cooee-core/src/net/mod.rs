//! Networks as data: interfaces, which of them to use, and which addresses to probe there.

pub mod interface;
mod target;

pub use target::{Target, broadcast_addresses, broadcast_targets};
