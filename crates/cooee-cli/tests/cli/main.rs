//! The real binary, driven as a user drives it.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod check;
mod config;
mod demo;
mod doctor;
mod find;
mod help;
mod interfaces;
mod memory;
mod names;
mod schema;
mod serve;
mod support;
mod systemd;
