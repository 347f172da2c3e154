//! The real `cooee` on real sockets, in network namespaces, beside the stock programs.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod addresses;
mod changes;
mod crowd;
mod crowd_server;
mod hostile;
mod idle;
mod interop;
mod load;
mod loss;
mod ownership;
mod programs;
mod signals;
mod sweep;
