//! What to do about an event of a Windows console.

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reaction {
    /// Stop.
    Stop,
    /// Stop, and hold the system up meanwhile: it ends the process as soon as it is told that the
    /// event has been handled.
    StopFirst,
    /// It is no reason to stop.
    GoOn,
    /// What the system does about it.
    Default,
}

impl Reaction {
    /// `event` by its number (wincon.h). A service is told of every user who logs off, and of none
    /// whose leaving concerns it ("HandlerRoutine", Microsoft).
    pub(super) fn to(event: u32, is_service: bool) -> Self {
        const CTRL_C: u32 = 0;
        const CTRL_BREAK: u32 = 1;
        const CLOSE: u32 = 2;
        const LOGOFF: u32 = 5;
        const SHUTDOWN: u32 = 6;
        match event {
            CTRL_C | CTRL_BREAK => Self::Stop,
            LOGOFF if is_service => Self::GoOn,
            CLOSE | LOGOFF | SHUTDOWN => Self::StopFirst,
            _ => Self::Default,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_ends_a_program_and_log_off_does_not_end_a_service() {
        for (event, program, service) in [
            (0, Reaction::Stop, Reaction::Stop),
            (1, Reaction::Stop, Reaction::Stop),
            (2, Reaction::StopFirst, Reaction::StopFirst),
            (3, Reaction::Default, Reaction::Default),
            (4, Reaction::Default, Reaction::Default),
            (5, Reaction::StopFirst, Reaction::GoOn),
            (6, Reaction::StopFirst, Reaction::StopFirst),
        ] {
            assert_eq!(Reaction::to(event, false), program, "{event}");
            assert_eq!(Reaction::to(event, true), service, "{event}");
        }
    }
}
