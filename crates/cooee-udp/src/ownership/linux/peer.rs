//! The process at the other end of a unix socket, and datagrams to and from it.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::process;
use crate::option::{socket_option, socket_option_list};
use crate::ownership::owner::Owner;

/// Who connected, or who listens: what the kernel noted at that moment (unix(7)).
pub(super) struct Peer {
    credentials: libc::ucred,
}

impl Peer {
    const ROOT: u32 = 0;
    /// Stands for every user that the user namespace does not map (user_namespaces(7)).
    const OVERFLOW: u32 = 65_534;

    /// Libraries take it that the process has a number. In another PID namespace it is 0.
    pub(super) fn of(connection: &impl AsRawFd) -> Option<Self> {
        let nobody = libc::ucred { pid: 0, uid: 0, gid: 0 };
        // SAFETY: it is three integers.
        let credentials = unsafe { socket_option(connection, libc::SO_PEERCRED, nobody) }?;
        Some(Self { credentials })
    }

    /// Whether it could stop this process in any case: it runs as root, or as the same user.
    pub(super) fn is_trusted(&self) -> bool {
        let (uid, ours) = (self.credentials.uid, rustix::process::geteuid().as_raw());
        uid == Self::ROOT || (uid == ours && uid != Self::OVERFLOW)
    }

    /// Whether it was in the group. A process in thousands of groups is in its first only.
    pub(super) fn is_in(&self, group: u32, connection: &impl AsRawFd) -> bool {
        const GROUPS_MAX: usize = 1024;
        let mut room = [0_u32; GROUPS_MAX];
        // SAFETY: they are integers.
        let groups = unsafe { socket_option_list(connection, libc::SO_PEERGROUPS, &mut room) };
        self.credentials.gid == group || groups.is_some_and(|groups| groups.contains(&group))
    }

    /// Its number, unless it is in a PID namespace that this process cannot see into.
    pub(super) fn pid(&self) -> Option<u32> {
        u32::try_from(self.credentials.pid).ok().filter(|&pid| pid != 0)
    }

    pub(super) fn process(&self) -> Option<Owner> {
        self.pid().map(process::named)
    }
}

/// What came of receiving.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received<'b> {
    Datagram(&'b [u8]),
    /// One that is longer than the room for it.
    TooLong,
    Nothing,
    /// The other end is closed.
    End,
}

pub(super) fn receive<'b>(connection: &impl AsFd, room: &'b mut [u8]) -> Received<'b> {
    let length = room.len();
    match recv(connection, &mut *room, RecvFlags::DONTWAIT | RecvFlags::TRUNC) {
        // An empty datagram cannot be told from the end, and is none of ours.
        Ok((0, _)) => Received::End,
        Ok((_, whole)) if whole > length => Received::TooLong,
        Ok((received, _)) => Received::Datagram(&room[..received]),
        Err(error) if [rustix::io::Errno::AGAIN, rustix::io::Errno::INTR].contains(&error) => {
            Received::Nothing
        }
        Err(_) => Received::End,
    }
}

/// Sends without waiting: who does not read loses what has no room.
pub(super) fn transmit(connection: &impl AsFd, datagram: &[u8]) -> io::Result<()> {
    send(connection, datagram, SendFlags::DONTWAIT | SendFlags::NOSIGNAL)?;
    Ok(())
}
