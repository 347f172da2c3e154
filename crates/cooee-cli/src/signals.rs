//! Ctrl-C and other signals to stop.

use std::io;

use crate::exit::Failure;

/// Runs `stop` on another thread at SIGINT, SIGTERM or SIGHUP, or the system's equivalent.
///
/// A signal that is ignored at start stays ignored, as `nohup` and a shell's `&` expect.
pub(crate) fn on_stop(stop: impl FnMut() + Send + 'static) -> Result<(), Failure> {
    listen(stop)
        .map_err(|error| Failure::refused(format!("signal handling could not be set up: {error}")))
}

#[cfg(unix)]
fn listen(mut stop: impl FnMut() + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| !is_ignored(signal));
    let mut signals = Signals::new(wanted)?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        signals.forever().for_each(|_| stop());
    })?;
    Ok(())
}

#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action this only reads the present one, into memory that is large
    // enough for it; all-zero is a valid value should the call fail.
    let action = unsafe {
        libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr());
        action.assume_init()
    };
    action.sa_sigaction == libc::SIG_IGN
}

#[cfg(not(unix))]
fn listen(stop: impl FnMut() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(stop).map_err(io::Error::other)
}
