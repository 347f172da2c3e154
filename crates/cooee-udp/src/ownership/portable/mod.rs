//! Systems without a lock that has the scope of a port, and what they tell of who has one.

mod guard;
#[cfg(not(windows))]
#[path = "untold.rs"]
mod table;
#[cfg(windows)]
#[path = "windows.rs"]
mod table;

pub(super) use guard::{Guard, OfferTable, Vigil};
pub(super) use table::{ProcessEnd, all_bound, bound, holder, holders, holds};
