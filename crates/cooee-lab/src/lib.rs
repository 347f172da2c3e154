//! A seeded network simulator and a network-namespace lab for Cooee's tests.

#[cfg(target_os = "linux")]
pub mod netns;
#[cfg(all(target_os = "linux", feature = "netns"))]
#[allow(clippy::unwrap_used, reason = "a scene that cannot be set up fails the test")]
pub mod scene;
pub mod sim;
