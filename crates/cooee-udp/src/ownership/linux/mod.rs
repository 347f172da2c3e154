//! What Linux tells of who has a port: abstract unix sockets, process descriptors, `/proc`.

mod guard;
mod offerer;
mod offers;
mod peer;
mod process;
mod table;
mod vigil;

pub(super) use guard::Guard;
pub(super) use offers::OfferTable;
pub(super) use process::ProcessEnd;
pub(super) use table::{all_bound, bound, holder, holders, holds};
pub(super) use vigil::Vigil;
