//! The verbs of the command, one a file.

pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod find;
mod interface_names;
pub(crate) mod interfaces;
pub(crate) mod man;
mod none_found;
pub(crate) mod serve;
mod sweeping;
pub(crate) mod watch;
