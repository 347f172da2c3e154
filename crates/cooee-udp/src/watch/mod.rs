//! Noticing that interfaces or their addresses have changed.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod sys;
#[cfg(not(target_os = "linux"))]
#[path = "portable.rs"]
mod sys;

pub use sys::InterfaceWatch;
