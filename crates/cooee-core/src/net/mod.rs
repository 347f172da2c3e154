//! Networks as data: interfaces, which of them to use, and whom to call there.

mod target;

pub use target::{Target, broadcast_targets};
