//! Values as people write them, the same on the command line, in the environment and in a file.

mod address;
mod format;
mod group;
mod kind;
mod number;
mod published;
mod service;
mod time;

pub(crate) use address::{advertise, host, interface_name, ipv4, network, own_networks};
pub use format::Format;
pub(crate) use format::{EventFormat, ListFormat, LogFormat, ReportFormat, Verbosity, verbosity};
pub(crate) use group::group;
pub(crate) use kind::{Choice, Kind, boolean};
pub(crate) use number::{number, port, rate, text};
pub(crate) use published::{hostname, published_service, server_name, txt_pair};
pub(crate) use service::service_type;
pub(crate) use time::{time, time_up_to};
