use std::io;
use std::net::SocketAddrV4;
use std::os::fd::{AsFd, BorrowedFd};

use socket2::{Domain, SockAddr, Socket, Type};

use super::process;
use crate::option::socket_option;
use crate::ownership::held::Held;
use crate::ownership::owner::Owner;

/// An abstract unix socket that is listened on as long as its holder lives.
///
/// It belongs to the network namespace, as ports do. Nobody ever accepts: whoever connects waits
/// for the kernel to reset the connection, which it does when the listener is gone.
#[derive(Debug)]
pub(in crate::ownership) struct Guard {
    /// A second one, held by whoever has the port. It is closed first: to see both is to see an
    /// owner.
    mark: Option<Socket>,
    listener: Socket,
}

fn guard_name(address: SocketAddrV4) -> String {
    format!("\0cooee/udp/{address}")
}

fn mark_name(address: SocketAddrV4) -> String {
    format!("\0cooee/udp/{address}/bound")
}

impl Guard {
    /// How many may wait. The next ones retry once a second.
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

    pub(in crate::ownership) fn mark(&self) -> Option<BorrowedFd<'_>> {
        self.mark.as_ref().map(AsFd::as_fd)
    }
}

fn listen(name: &str) -> io::Result<Socket> {
    let listener = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    listener.bind(&SockAddr::unix(name)?)?;
    listener.listen(Guard::LINE)?;
    Ok(listener)
}

/// A connection to a guard, which breaks when its holder dies.
#[derive(Debug)]
pub(in crate::ownership) struct Vigil {
    connection: Socket,
}

impl Vigil {
    pub(in crate::ownership) fn begin(address: SocketAddrV4) -> Option<Self> {
        connect(&guard_name(address)).map(|connection| Self { connection })
    }

    /// As [`begin`](Self::begin), if the holder has the port and is trusted.
    ///
    /// An owner waits for nobody, so those who sleep behind owners only never sleep in a circle.
    pub(in crate::ownership) fn behind_owner(address: SocketAddrV4) -> Option<Self> {
        let vigil = Self::begin(address).filter(Self::is_trusted)?;
        // The guard may have changed hands since, or never have been the owner's, whose socket was
        // given to it.
        let marked_by = holder(&connect(&mark_name(address))?)?.pid;
        (vigil.holder()?.pid == marked_by).then_some(vigil)
    }

    /// Whether the holder is one that could stop us in any case: our own user, or root. Another
    /// user's process may not keep us from a port that it does not have.
    pub(in crate::ownership) fn is_trusted(&self) -> bool {
        const ROOT: u32 = 0;
        /// Everybody whom the user namespace has no number for (user_namespaces(7)).
        const OVERFLOW: u32 = 65_534;
        let ours = rustix::process::geteuid().as_raw();
        self.holder().is_some_and(|holder| {
            holder.uid == ROOT || (holder.uid == ours && holder.uid != OVERFLOW)
        })
    }

    /// The process that listens at the other end, unless it is in a PID namespace that this
    /// process cannot see into.
    pub(in crate::ownership) fn owner(&self) -> Option<Owner> {
        let pid = u32::try_from(self.holder()?.pid).ok().filter(|&pid| pid != 0)?;
        Some(process::named(pid))
    }

    fn holder(&self) -> Option<libc::ucred> {
        holder(&self.connection)
    }

    pub(in crate::ownership) fn as_fd(&self) -> BorrowedFd<'_> {
        self.connection.as_fd()
    }
}

fn connect(name: &str) -> Option<Socket> {
    let connection = Socket::new(Domain::UNIX, Type::STREAM, None).ok()?;
    connection.set_nonblocking(true).ok()?;
    connection.connect(&SockAddr::unix(name).ok()?).ok()?;
    Some(connection)
}

/// Who listens at the other end. Libraries take it that the process has a number. In another PID
/// namespace it is 0.
fn holder(connection: &Socket) -> Option<libc::ucred> {
    let nobody = libc::ucred { pid: 0, uid: 0, gid: 0 };
    // SAFETY: it is three integers.
    unsafe { socket_option(connection, libc::SO_PEERCRED, nobody) }
}
