//! What Linux tells of who has a port: abstract unix sockets, process descriptors, `/proc`.

mod guard;
mod process;
mod table;

pub(super) use guard::{Guard, Vigil};
pub(super) use process::ProcessEnd;
pub(super) use table::{bound, holder, holds};
