//! What several modules need of Windows: its tables of the network, and its processes.

mod process;
mod table;

pub(crate) use process::Process;
pub(crate) use table::Table;
