//! Where services accept connections.

#[cfg(unix)]
#[path = "unix.rs"]
mod sys;
#[cfg(not(unix))]
#[path = "portable.rs"]
mod sys;

mod listener;

pub use listener::OwnListener;

/// The sockets by which this process accepts connections, inherited ones included, in the order of
/// their descriptors. `None` where the system does not tell.
///
/// It asks about each open descriptor and copies none, so a fork in another thread leaves no copy
/// behind in the child.
pub fn own_listeners() -> Option<Vec<OwnListener>> {
    sys::own_listeners()
}
