use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, Once, PoisonError};
use std::thread;

use windows_sys::Win32::System::Console::SetConsoleCtrlHandler;
use windows_sys::Win32::System::RemoteDesktop::ProcessIdToSessionId;
use windows_sys::core::BOOL;

use super::reaction::Reaction;

const TRUE: BOOL = 1;
const FALSE: BOOL = 0;

/// Who is told to stop.
static STOP: Mutex<Option<SyncSender<()>>> = Mutex::new(None);

pub(super) fn listen(mut stop: impl FnMut() + Send + 'static) -> io::Result<()> {
    static HANDLER: Once = Once::new();
    let (tell, told) = sync_channel(1);
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || told.into_iter().for_each(|()| stop()))?;
    *STOP.lock().unwrap_or_else(PoisonError::into_inner) = Some(tell);
    let mut set = Ok(());
    HANDLER.call_once(|| {
        // SAFETY: `handle` can be called by any thread, at any time until the process ends.
        if unsafe { SetConsoleCtrlHandler(Some(handle), TRUE) } == FALSE {
            set = Err(io::Error::last_os_error());
        }
    });
    set
}

/// Only who reads the console's input is told.
pub(super) fn listen_for_resizes(_: impl FnMut() + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Called by the system in a thread made for it. What it returns is whether it has handled the
/// event; the system does what it does by default otherwise.
unsafe extern "system" fn handle(event: u32) -> BOOL {
    let reaction = Reaction::to(event, is_service());
    if matches!(reaction, Reaction::Stop | Reaction::StopFirst)
        && let Some(stop) = &*STOP.lock().unwrap_or_else(PoisonError::into_inner)
    {
        // If there is no room, it was told before.
        let _ = stop.try_send(());
    }
    match reaction {
        Reaction::Stop | Reaction::GoOn => TRUE,
        // Until the process ends, which ends this thread too.
        Reaction::StopFirst => loop {
            thread::park();
        },
        Reaction::Default => FALSE,
    }
}

/// Services are in a session where no user logs on.
fn is_service() -> bool {
    const OF_SERVICES: u32 = 0;
    let mut session = u32::MAX;
    // SAFETY: `session` is writable.
    let known = unsafe { ProcessIdToSessionId(std::process::id(), &raw mut session) };
    known != FALSE && session == OF_SERVICES
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_CLOSE_EVENT};

    use super::*;

    const DEADLINE: Duration = Duration::from_secs(20);

    fn event(event: u32) -> BOOL {
        // SAFETY: it can be called by any thread.
        unsafe { handle(event) }
    }

    #[test]
    fn a_closed_window_stops_it_before_the_system_is_told_to_go_on() {
        let (tell, told) = channel();
        listen(move || tell.send(()).unwrap()).unwrap();
        assert_eq!(event(CTRL_BREAK_EVENT), TRUE);
        told.recv_timeout(DEADLINE).expect("Ctrl-Break stops it");
        let closing = thread::spawn(|| event(CTRL_CLOSE_EVENT));
        told.recv_timeout(DEADLINE).expect("to close the window stops it");
        assert!(!closing.is_finished(), "the system would end the process at once");
        assert_eq!(event(u32::MAX), FALSE);
    }
}
