//! Networks as data: interfaces, which of them to use, and whom to call there.

pub mod interface;
mod target;

pub use target::{Target, broadcast_addresses, broadcast_targets};
