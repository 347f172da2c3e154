//! A seeded network simulator and a network-namespace lab for Cooee's tests.

#[cfg(target_os = "linux")]
pub mod netns;
pub mod sim;
