//! What a server and a client must endure: floods, faults and time.
//!
//! Each scenario is written once. It is short in every run of the lab, and long under
//! `cargo xtask soak`.

mod asker;
mod descriptors;
mod extent;
mod flapping;
mod flood;
mod frozen;
mod one_interface;
mod over;
mod refused;
mod refused_call;
mod soak;
mod spoofed;
mod strace;
mod suspended;
mod terminated;
mod vitals;
mod wall_clock;
