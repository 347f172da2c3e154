use std::net::SocketAddrV4;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use cooee_core::OfferResponse;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, SockAddr, Socket, Type};

use super::guard::{guard_name, mark_name};
use super::peer::{Peer, Received, receive, transmit};
use crate::ownership::owner::Owner;

/// A connection to a guard, which ends when its holder dies.
#[derive(Debug)]
pub(in crate::ownership) struct Vigil {
    connection: Socket,
    responses: u32,
    has_ended: bool,
}

impl Vigil {
    /// Responses that are read on one connection. An owner sends a few at most: one that sends more
    /// would keep us awake.
    const RESPONSES_MAX: u32 = 64;

    pub(in crate::ownership) fn begin(address: SocketAddrV4) -> Option<Self> {
        let connection = connect(&guard_name(address))?;
        Some(Self { connection, responses: 0, has_ended: false })
    }

    /// As [`begin`](Self::begin), if the holder has the port and is trusted.
    ///
    /// An owner waits for nobody, so those who sleep behind owners only never sleep in a circle.
    pub(in crate::ownership) fn behind_owner(address: SocketAddrV4) -> Option<Self> {
        let vigil = Self::begin(address).filter(Self::is_trusted)?;
        // The guard may have changed hands since, or never have been the owner's, whose socket was
        // given to it.
        let marked_by = Peer::of(&connect(&mark_name(address))?)?.pid();
        (vigil.holder()?.pid() == marked_by).then_some(vigil)
    }

    /// Whether a process that uses this library has the port, whichever user's it is.
    pub(in crate::ownership) fn is_owned(address: SocketAddrV4) -> bool {
        connect(&mark_name(address)).is_some()
    }

    /// Whether the holder is one that could stop us in any case: our own user, or root. Another
    /// user's process may not keep us from a port that it does not have.
    pub(in crate::ownership) fn is_trusted(&self) -> bool {
        self.holder().is_some_and(|holder| holder.is_trusted())
    }

    /// The process that listens at the other end, unless it is in a PID namespace that this
    /// process cannot see into.
    pub(in crate::ownership) fn owner(&self) -> Option<Owner> {
        self.holder()?.process()
    }

    fn holder(&self) -> Option<Peer> {
        Peer::of(&self.connection)
    }

    /// Hands a request to the holder, which reads it once it has the port.
    pub(in crate::ownership) fn request(&self, request: &[u8]) {
        if let Err(error) = transmit(&self.connection, request) {
            tracing::debug!(%error, "the owner of the port was not told of the offer");
        }
    }

    /// The next response of the holder, if there is one.
    pub(in crate::ownership) fn hear(&mut self) -> Option<OfferResponse> {
        let mut room = vec![0; OfferResponse::LENGTH_MAX];
        while !self.has_ended {
            self.responses += 1;
            match receive(&self.connection, &mut room) {
                _ if self.responses > Self::RESPONSES_MAX => self.has_ended = true,
                Received::Datagram(response) => {
                    // What a later version says is passed over.
                    if let Ok(response) = OfferResponse::decode(response) {
                        return Some(response);
                    }
                }
                Received::TooLong => {}
                Received::Nothing => {
                    self.responses -= 1;
                    return None;
                }
                Received::End => self.has_ended = true,
            }
        }
        None
    }

    /// Whether [`hear`](Self::hear) met the end.
    pub(in crate::ownership) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Waits until there is something to hear.
    pub(in crate::ownership) fn wait(&self, most: Duration) {
        let mut connection = [PollFd::new(&self.connection, PollFlags::IN)];
        let timeout = Timespec::try_from(most).unwrap_or_default();
        // Whatever comes of it, there is something to hear or there is not.
        let _ = poll(&mut connection, Some(&timeout));
    }

    pub(in crate::ownership) fn as_fd(&self) -> BorrowedFd<'_> {
        self.connection.as_fd()
    }
}

fn connect(name: &str) -> Option<Socket> {
    let connection = Socket::new(Domain::UNIX, Type::SEQPACKET, None).ok()?;
    connection.set_nonblocking(true).ok()?;
    connection.connect(&SockAddr::unix(name).ok()?).ok()?;
    Some(connection)
}
