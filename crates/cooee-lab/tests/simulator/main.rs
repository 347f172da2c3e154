//! The simulator itself: what it promises to those who test with it.
#![expect(clippy::unwrap_used, reason = "a test")]

mod addresses;
mod arp;
mod basics;
mod drivers;
mod ear;
mod families;
mod firewall;
mod late;
mod links;
mod remembered;
mod sockets;
mod trials;
