//! What must not stay open in a child that another thread forks.

use std::os::fd::{AsFd, OwnedFd};

use cooee_udp::StandBy;

#[cfg(target_os = "linux")]
use super::Engaged;
use super::Run;

impl Run {
    /// Notes what of a place in the line must not stay open in a child.
    pub(super) fn note_waiting(&self, stand_by: &StandBy, duplicate: Option<&OwnedFd>) {
        let held = [stand_by.guard(), stand_by.wakes_on(), duplicate.map(AsFd::as_fd)];
        let held: Vec<_> = held.iter().flatten().map(|held| held as &dyn AsFd).collect();
        self.descriptors.note(&held);
    }

    /// Notes what of a running engine must not stay open in a child.
    #[cfg(target_os = "linux")]
    pub(super) fn note_open(&self, engaged: &Engaged) {
        let (answering, port) = (&engaged.answering, engaged.answering.port());
        let borrowed: Vec<_> =
            port.guard().into_iter().chain(port.mark()).chain(port.offerers()).collect();
        let mut open: Vec<&dyn AsFd> = vec![answering.socket()];
        open.extend(answering.socket_v6().map(|socket| socket as &dyn AsFd));
        open.extend(engaged.sockets.iter().map(|watched| watched.source() as &dyn AsFd));
        open.extend(answering.watch().map(|watch| watch as &dyn AsFd));
        open.extend(engaged.interfaces.as_ref().map(|watched| watched.source() as &dyn AsFd));
        open.extend(answering.neighbours().map(|neighbours| neighbours as &dyn AsFd));
        open.extend(answering.listeners().map(|listeners| listeners as &dyn AsFd));
        open.extend(borrowed.iter().map(|borrowed| borrowed as &dyn AsFd));
        self.descriptors.note(&open);
    }
}
