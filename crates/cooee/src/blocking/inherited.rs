//! What a child process inherits of a responder when its parent forks: descriptors that keep the
//! port taken, but no thread to answer.

use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::process;
use std::sync::atomic::{AtomicI32, Ordering};

/// The descriptors that a responder's thread has open, so that a child can close its copies.
#[derive(Debug)]
pub(super) struct Descriptors {
    process: u32,
    open: [AtomicI32; Self::MOST],
}

impl Descriptors {
    /// The socket, its duplicate for the poller, the same of the interface watch, and the guard.
    const MOST: usize = 5;
    const NONE: RawFd = -1;

    pub(super) fn new() -> Self {
        Self { process: process::id(), open: [const { AtomicI32::new(Self::NONE) }; Self::MOST] }
    }

    /// Whether this process is a child of the one that opened them.
    pub(super) fn are_inherited(&self) -> bool {
        self.process != process::id()
    }

    /// Takes note of what is open from now on, instead of what was before.
    pub(super) fn note(&self, open: &[&dyn AsFd]) {
        debug_assert!(open.len() <= Self::MOST, "room for every descriptor");
        let mut open = open.iter().map(|source| source.as_fd().as_raw_fd());
        for slot in &self.open {
            slot.store(open.next().unwrap_or(Self::NONE), Ordering::Release);
        }
    }

    /// In a child, closes its copies; elsewhere does nothing.
    pub(super) fn close_inherited(&self) {
        if !self.are_inherited() {
            return;
        }
        for slot in &self.open {
            let descriptor = slot.swap(Self::NONE, Ordering::AcqRel);
            if descriptor != Self::NONE {
                // SAFETY: this is a child of the process whose thread owned the descriptor. That
                // thread does not exist here, so nobody else uses or closes this copy, and the
                // swap lets nobody close it twice.
                drop(unsafe { OwnedFd::from_raw_fd(descriptor) });
            }
        }
    }
}
