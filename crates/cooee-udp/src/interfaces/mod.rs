//! The host's interfaces.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod sys;
#[cfg(windows)]
#[path = "windows.rs"]
mod sys;
#[cfg(not(any(target_os = "linux", windows)))]
#[path = "portable.rs"]
mod sys;

mod role;
#[cfg(test)]
mod tests;

use std::io;

use cooee_core::interface::Interface;

/// The host's interfaces, in the system's order. Linux and Windows also list those without an address.
///
/// # Errors
/// When the system does not list them; it may help to try again.
pub fn interfaces() -> io::Result<Vec<Interface>> {
    sys::interfaces()
}

/// Whether every link but loopback is one end of a pair (`veth`), whose other end is usually outside
/// a container. False where the system does not tell.
pub fn has_only_virtual_links() -> bool {
    sys::has_only_virtual_links().unwrap_or_default()
}
