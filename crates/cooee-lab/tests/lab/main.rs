//! The real `cooee` on real sockets, in network namespaces, beside the stock programs.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use cooee_lab::scene::{load, programs};

mod addresses;
mod announced;
mod changes;
#[path = "../../../cooee-cli/tests/cli/conforms.rs"]
mod conforms;
mod counts;
mod crowd;
mod doctor;
mod endurance;
mod findings;
mod found;
mod hostile;
mod idle;
mod interfaces;
mod interop;
mod link_local;
mod loss;
mod memory;
mod neighbours;
mod offers;
mod ownership;
mod published;
mod signals;
mod six;
mod sweep;
mod terminal;
mod tracing;
mod units;
mod wall;
mod watch;
