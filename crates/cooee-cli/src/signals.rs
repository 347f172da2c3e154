//! Ctrl-C and requests to end.

use crate::exit::Failure;

/// Calls `stop` at SIGINT, SIGTERM or SIGHUP, or what the system has instead, on another thread.
pub(crate) fn on_stop(stop: impl FnMut() + Send + 'static) -> Result<(), Failure> {
    ctrlc::set_handler(stop)
        .map_err(|error| Failure::refused(format!("signals cannot be received: {error}")))
}
