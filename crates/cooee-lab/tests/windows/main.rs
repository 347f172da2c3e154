//! Cooee for Windows, under wine, and Cooee for Linux find each other in network namespaces.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod changed;
mod crowd;
mod ctrl_c;
mod found;
mod named;
mod takeover;
mod wine;
