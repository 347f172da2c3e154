//! Systems without a lock that has the scope of a port, and what they tell of who has one.

mod guard;
#[cfg(target_os = "macos")]
#[path = "macos.rs"]
mod table;
#[cfg(not(any(target_os = "macos", windows)))]
#[path = "untold.rs"]
mod table;
#[cfg(windows)]
#[path = "windows.rs"]
mod table;
#[cfg(not(windows))]
mod unseen_end;

pub(super) use guard::{Guard, OfferTable, Vigil};
#[cfg(windows)]
pub(super) use table::ProcessEnd;
pub(super) use table::{all_bound, bound, holder, holders, holds};
#[cfg(not(windows))]
pub(super) use unseen_end::ProcessEnd;
