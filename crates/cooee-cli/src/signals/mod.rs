//! Ctrl-C and other signals to stop.

#[cfg(any(windows, test))]
mod reaction;
#[cfg(unix)]
#[path = "unix.rs"]
mod sys;
#[cfg(windows)]
#[path = "windows.rs"]
mod sys;

use crate::exit::Failure;

/// Runs `redraw` on another thread whenever the terminal has another size, where the system tells of it.
pub(crate) fn on_resize(redraw: impl FnMut() + Send + 'static) {
    if let Err(error) = sys::listen_for_resizes(redraw) {
        tracing::debug!(%error, "that the terminal has another size goes unnoticed");
    }
}

/// Runs `stop` on another thread at SIGINT, SIGTERM or SIGHUP. On Windows at Ctrl-C and Ctrl-Break,
/// and when the console's window is closed, the user logs off or the system shuts down: the system
/// then waits until this process has ended, for a few seconds. A service goes on at log-off.
///
/// A signal that is ignored at start stays ignored, as `nohup` and a shell's `&` expect.
pub(crate) fn on_stop(stop: impl FnMut() + Send + 'static) -> Result<(), Failure> {
    sys::listen(stop)
        .map_err(|error| Failure::refused(format!("signal handling could not be set up: {error}")))
}
