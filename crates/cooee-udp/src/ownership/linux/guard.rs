use std::io;
use std::net::SocketAddrV4;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{SocketFlags, accept_with};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::ownership::held::Held;

/// An abstract unix socket that is listened on as long as its holder lives.
///
/// It belongs to the network namespace, as ports do. A process that connects waits for the kernel
/// to end the connection, which it does when the listener is gone. A holder that has the port
/// accepts, to read offers.
#[derive(Debug)]
pub(in crate::ownership) struct Guard {
    /// A second one, held by whoever has the port. It is closed first: to see both is to see an
    /// owner.
    mark: Option<Socket>,
    listener: Socket,
}

pub(super) fn guard_name(address: SocketAddrV4) -> String {
    format!("\0cooee/udp/{address}")
}

pub(super) fn mark_name(address: SocketAddrV4) -> String {
    format!("\0cooee/udp/{address}/bound")
}

impl Guard {
    /// Whether there are any on this system.
    pub(in crate::ownership) const EXIST: bool = true;

    /// How many may wait without being accepted. The next ones retry once a second.
    const LINE: i32 = 1024;

    /// The guard of `address`. None for port 0, which is never taken, and none where the system
    /// has no such sockets: there the bind alone decides.
    pub(in crate::ownership) fn acquire(address: SocketAddrV4) -> Result<Option<Self>, Held> {
        if address.port() == 0 {
            return Ok(None);
        }
        match listen(&guard_name(address)) {
            Ok(listener) => Ok(Some(Self { mark: None, listener })),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(Held),
            Err(error) => {
                tracing::debug!(%error, %address, "no guard for the port");
                Ok(None)
            }
        }
    }

    /// Shows that the holder has the port, and is not merely first in line for it.
    pub(in crate::ownership) fn mark_bound(&mut self, address: SocketAddrV4) {
        match listen(&mark_name(address)) {
            Ok(mark) => self.mark = Some(mark),
            Err(error) => tracing::debug!(%error, %address, "no mark for the port"),
        }
    }

    pub(in crate::ownership) fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }

    /// The next connection; `WouldBlock` if there is none.
    pub(super) fn accept(&self) -> io::Result<OwnedFd> {
        Ok(accept_with(&self.listener, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?)
    }

    pub(in crate::ownership) fn mark(&self) -> Option<BorrowedFd<'_>> {
        self.mark.as_ref().map(AsFd::as_fd)
    }
}

fn listen(name: &str) -> io::Result<Socket> {
    let listener = Socket::new(Domain::UNIX, Type::SEQPACKET, None)?;
    listener.set_nonblocking(true)?;
    listener.bind(&SockAddr::unix(name)?)?;
    listener.listen(Guard::LINE)?;
    Ok(listener)
}
