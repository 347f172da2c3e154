//! Noticing that interfaces or their addresses have changed.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod sys;
#[cfg(windows)]
#[path = "windows.rs"]
mod sys;
#[cfg(any(target_os = "macos", target_os = "freebsd"))]
#[path = "routing.rs"]
mod sys;
#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "freebsd", windows)))]
#[path = "portable.rs"]
mod sys;

#[cfg(any(target_os = "macos", target_os = "freebsd", test))]
mod notices;
#[cfg(not(target_os = "linux"))]
mod recheck;

pub use sys::InterfaceWatch;
