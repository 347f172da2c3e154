//! What a child process inherits of a responder when its parent forks: descriptors that keep the
//! port taken, but no thread to answer.
//!
//! Descriptors are numbers, and a number may name another file by the time it is closed: daemons
//! close every descriptor that they know nothing of, and open files of their own. So what a number
//! named is remembered too, and nothing else is ever closed.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixDatagram;
use std::process;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use cooee_core::limits;

/// The descriptors that a responder's thread has open, so that a child can close its copies.
#[derive(Debug)]
pub(super) struct Descriptors {
    process: u32,
    open: [Slot; Self::MOST],
    /// A socket for nothing but to see whether it is still there.
    witness: Slot,
}

impl Descriptors {
    /// The sockets of both families, their duplicates for the poller, the same of the interface watch, the sockets that
    /// neighbours and listeners are asked about by, the guard, its mark, and the connections of
    /// processes that stand by.
    const MOST: usize = 10 + limits::OFFERERS_MAX;

    pub(super) fn new() -> io::Result<Self> {
        let witness = Slot::empty();
        let socket = UnixDatagram::unbound()?;
        if witness.note(socket.as_raw_fd()) {
            // The slot closes it.
            let _ = socket.into_raw_fd();
        }
        Ok(Self { process: process::id(), open: [const { Slot::empty() }; Self::MOST], witness })
    }

    /// Whether this process is a child of the one that opened them.
    pub(super) fn are_inherited(&self) -> bool {
        self.process != process::id()
    }

    /// Whether nobody has closed all that this process has open.
    pub(super) fn are_intact(&self) -> bool {
        self.witness.is_intact()
    }

    /// Takes note of what is open from now on, instead of what was before.
    ///
    /// What was noted and is open still stays noted meanwhile, for a child that is forked now.
    pub(super) fn note(&self, open: &[&dyn AsFd]) {
        debug_assert!(open.len() <= Self::MOST, "room for every descriptor");
        let mut fresh: Vec<_> = open.iter().map(|source| source.as_fd().as_raw_fd()).collect();
        let mut free = Vec::new();
        for slot in &self.open {
            match fresh.iter().position(|&number| slot.is(number)) {
                Some(known) => drop(fresh.swap_remove(known)),
                None => {
                    slot.forget();
                    free.push(slot);
                }
            }
        }
        for (slot, number) in free.into_iter().zip(fresh) {
            slot.note(number);
        }
    }

    /// In a child, closes its copies; elsewhere does nothing.
    pub(super) fn close_inherited(&self) {
        if self.are_inherited() {
            self.open.iter().for_each(Slot::close);
            self.witness.close();
        }
    }
}

impl Drop for Descriptors {
    fn drop(&mut self) {
        self.witness.close();
    }
}

/// A descriptor, and which socket it is. A child reads it that was forked at any moment, so there
/// is no lock, and what was half written closes nothing.
#[derive(Debug)]
struct Slot {
    number: AtomicI32,
    device: AtomicU64,
    inode: AtomicU64,
}

impl Slot {
    const NONE: RawFd = -1;

    const fn empty() -> Self {
        Self {
            number: AtomicI32::new(Self::NONE),
            device: AtomicU64::new(0),
            inode: AtomicU64::new(0),
        }
    }

    /// Says whether it could: a socket that the system does not tell from others is left alone.
    fn note(&self, number: RawFd) -> bool {
        let Some(identity) = Identity::of(number) else { return false };
        self.device.store(identity.device, Ordering::Relaxed);
        self.inode.store(identity.inode, Ordering::Relaxed);
        self.number.store(number, Ordering::Release);
        true
    }

    fn forget(&self) {
        self.number.store(Self::NONE, Ordering::Release);
    }

    /// Whether this is the noted one, and nothing else that got its number.
    fn is(&self, number: RawFd) -> bool {
        self.number.load(Ordering::Acquire) == number && self.is_intact()
    }

    fn is_intact(&self) -> bool {
        let number = self.number.load(Ordering::Acquire);
        number == Self::NONE || Identity::of(number) == Some(self.identity())
    }

    fn identity(&self) -> Identity {
        Identity {
            device: self.device.load(Ordering::Relaxed),
            inode: self.inode.load(Ordering::Relaxed),
        }
    }

    fn close(&self) {
        let number = self.number.swap(Self::NONE, Ordering::AcqRel);
        if number != Self::NONE && Identity::of(number) == Some(self.identity()) {
            // SAFETY: it is open, and the very socket that was noted. That is either the witness,
            // which nothing else owns, or this is a child of the process whose thread owned it and
            // does not exist here. The swap lets nobody close it twice.
            drop(unsafe { OwnedFd::from_raw_fd(number) });
        }
    }
}

/// What tells an open socket from all others.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// None for what is not open, and for what shares its number with others: anonymous inodes, and
    /// the sockets of systems that do not number them.
    #[allow(
        clippy::unnecessary_cast,
        clippy::cast_lossless,
        reason = "the types differ between systems"
    )]
    fn of(number: RawFd) -> Option<Self> {
        let mut status = MaybeUninit::<libc::stat>::uninit();
        // SAFETY: the status is writable, and any number may be asked about.
        if unsafe { libc::fstat(number, status.as_mut_ptr()) } != 0 {
            return None;
        }
        // SAFETY: the call succeeded, so it is written.
        let status = unsafe { status.assume_init() };
        let is_numbered_socket =
            status.st_mode & libc::S_IFMT == libc::S_IFSOCK && status.st_ino != 0;
        is_numbered_socket
            .then_some(Self { device: status.st_dev as u64, inode: status.st_ino as u64 })
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    fn as_in_a_child(mut descriptors: Descriptors) -> Descriptors {
        descriptors.process = 0;
        descriptors
    }

    fn socket() -> UnixDatagram {
        UnixDatagram::unbound().expect("a socket")
    }

    /// Lets the number of a descriptor name another file, in one step: no other test gets it.
    fn replace(descriptor: &impl AsRawFd, by: &impl AsRawFd) {
        // SAFETY: both are open, and whoever owns the number owns the other file by it now.
        let number = unsafe { libc::dup2(by.as_raw_fd(), descriptor.as_raw_fd()) };
        assert_eq!(number, descriptor.as_raw_fd());
    }

    #[test]
    fn a_child_closes_what_it_inherited() {
        let descriptors = as_in_a_child(Descriptors::new().expect("a socket"));
        let (held, peer) = UnixDatagram::pair().expect("sockets");
        descriptors.note(&[&held]);
        let _ = held.into_raw_fd();
        descriptors.close_inherited();
        assert!(peer.send(b"anybody?").is_err(), "the other end is closed");
    }

    #[test]
    fn a_child_leaves_alone_what_has_the_number_by_then() {
        let descriptors = as_in_a_child(Descriptors::new().expect("a socket"));
        let (file, other) = (File::open("/dev/null").expect("a file"), socket());
        let held = [socket(), socket()];
        descriptors.note(&[&held[0], &held[1]]);
        replace(&held[0], &file);
        replace(&held[1], &other);
        descriptors.close_inherited();
        assert_eq!(Identity::of(held[1].as_raw_fd()), Identity::of(other.as_raw_fd()));
        File::from(OwnedFd::from(held.into_iter().next().expect("two")))
            .metadata()
            .expect("it is still open");
    }

    #[test]
    fn elsewhere_nothing_is_closed() {
        let descriptors = Descriptors::new().expect("a socket");
        let held = socket();
        descriptors.note(&[&held]);
        descriptors.close_inherited();
        assert!(Identity::of(held.as_raw_fd()).is_some());
        assert!(descriptors.are_intact());
    }

    #[test]
    fn only_sockets_are_told_from_each_other() {
        let file = File::open("/dev/null").expect("a file");
        assert_eq!(Identity::of(file.as_raw_fd()), None);
        assert_eq!(Identity::of(-1), None);
        assert_ne!(Identity::of(socket().as_raw_fd()), None);
        let (one, other) = (socket(), socket());
        assert_ne!(Identity::of(one.as_raw_fd()), Identity::of(other.as_raw_fd()));
    }

    #[test]
    fn another_socket_with_the_number_of_the_witness_is_noticed() {
        let descriptors = Descriptors::new().expect("a socket");
        let number = descriptors.witness.number.load(Ordering::Acquire);
        let other = socket();
        assert!(descriptors.are_intact());
        replace(&number, &other);
        assert!(!descriptors.are_intact());
        drop(descriptors);
        assert_eq!(Identity::of(number), Identity::of(other.as_raw_fd()), "it is not closed");
        // SAFETY: the test has put it there.
        drop(unsafe { OwnedFd::from_raw_fd(number) });
    }
}
