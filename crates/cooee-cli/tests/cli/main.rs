//! The real binary, driven as a user drives it.

#![cfg(any(target_os = "linux", windows))]
#![allow(clippy::unwrap_used)]

mod check;
mod config;
mod conforms;
mod demo;
mod doctor;
mod find;
mod help;
mod interfaces;
mod memory;
mod names;
mod schema;
mod serve;
#[cfg(target_os = "linux")]
mod services;
#[cfg(unix)]
mod signals;
mod support;
#[cfg(target_os = "linux")]
mod systemd;
#[cfg(target_os = "linux")]
mod terminal;
mod watch;
mod ways;
