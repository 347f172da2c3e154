//! The service manager: the sockets it passes, and the messages it expects.

#[cfg(target_os = "linux")]
mod channel;
#[cfg(not(target_os = "linux"))]
#[path = "absent.rs"]
mod manager;
#[cfg(target_os = "linux")]
mod manager;
mod passed;

pub(crate) use manager::Manager;
pub(crate) use passed::Passed;
