//! The router to other networks, by which the network is known again.

mod router;
#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod sys;
#[cfg(not(target_os = "linux"))]
#[path = "portable.rs"]
mod sys;

use std::io;

pub use router::Gateway;

/// The router of the preferred default route of IPv4, or else of IPv6; `None` if there is no such
/// route, or it leads through none. Up to three questions to the system, which do not wait for the
/// network.
///
/// # Errors
/// As the system says; `Unsupported` where it does not tell, which is everywhere but on Linux.
pub fn default_gateway() -> io::Result<Option<Gateway>> {
    sys::default_gateway()
}
