//! Networks as data: interfaces, which of them to use, and which addresses to probe there.

mod group;
pub mod interface;
mod public;
mod target;

pub use group::{GROUP, group_interfaces, group_targets, probed_addresses, targets};
pub(crate) use public::{is_private, is_public};
pub use target::{Target, broadcast_addresses, broadcast_targets};
