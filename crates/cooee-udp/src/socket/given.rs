//! A socket that somebody else has bound, for instance the service manager.

use std::io;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket as StdSocket};

use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, Type};
use thiserror::Error;

use super::counters::Drops;
use super::{UdpSocket, grow, grow_buffers};

/// Why a socket that was given cannot be answered on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SocketError {
    /// It is a file, a pipe, or closed.
    #[error("it is no socket ({error})")]
    NotASocket {
        /// What the system said.
        error: io::Error,
    },
    /// It is of another kind than UDP over IPv4.
    #[error("it is {what}, not a UDP socket for IPv4")]
    NotUdp {
        /// What it is.
        what: String,
    },
    /// It has no port yet.
    #[error("it is not bound to a port")]
    NotBound,
    /// It hears one peer only.
    #[error("it is connected to {peer}, and hears nobody else")]
    Connected {
        /// The peer.
        peer: SocketAddr,
    },
    /// The system refused something that it permits for every such socket.
    #[error("it cannot be set up: {error}")]
    System {
        /// What the system said.
        error: io::Error,
    },
}

impl From<io::Error> for SocketError {
    fn from(error: io::Error) -> Self {
        Self::System { error }
    }
}

impl UdpSocket {
    /// Takes over a bound socket: makes it non-blocking and able to broadcast, and its
    /// buffers as large as [`bind`](Self::bind) would, unless they are larger. No other socket can be
    /// bound to its address any more, even if it was bound to be shared.
    ///
    /// # Errors
    /// What about it does not fit.
    pub fn given(io: StdSocket) -> Result<Self, SocketError> {
        check(&io)?;
        let socket = SockRef::from(&io);
        socket.set_broadcast(true)?;
        socket.set_reuse_address(false)?;
        #[cfg(target_os = "linux")]
        {
            socket.set_reuse_port(false)?;
            // Nobody reads what it keeps of refused datagrams, which makes it ready for ever.
            crate::option::turn(&io, libc::IPPROTO_IP, libc::IP_RECVERR, false)?;
            socket.take_error()?;
        }
        grow_if_smaller(&socket)?;
        let given = Self::over(io)?;
        // What was dropped while others had it is theirs.
        let before = given.io.memory().map_or(0, |memory| memory.drops);
        Ok(Self { drops: Drops::since(before), ..given })
    }
}

/// To ask for more than is granted would make a buffer smaller that was made with privilege.
fn grow_if_smaller(socket: &Socket) -> io::Result<()> {
    let granted = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    grow_buffers(&granted);
    if socket.recv_buffer_size()? < granted.recv_buffer_size()? {
        grow(UdpSocket::RECEIVE_BUFFER, |size| socket.set_recv_buffer_size(size));
    }
    if socket.send_buffer_size()? < granted.send_buffer_size()? {
        grow(UdpSocket::SEND_BUFFER, |size| socket.set_send_buffer_size(size));
    }
    Ok(())
}

fn check(io: &StdSocket) -> Result<SocketAddrV4, SocketError> {
    let socket = SockRef::from(io);
    let kind = socket.r#type().map_err(|error| SocketError::NotASocket { error })?;
    let local = socket.local_addr()?;
    let bound = match local.as_socket() {
        Some(SocketAddr::V4(bound)) if kind == Type::DGRAM => bound,
        _ => return Err(SocketError::NotUdp { what: describe(kind, &local) }),
    };
    if bound.port() == 0 {
        return Err(SocketError::NotBound);
    }
    match io.peer_addr() {
        Ok(peer) => Err(SocketError::Connected { peer }),
        Err(_) => Ok(bound),
    }
}

fn describe(kind: Type, local: &SockAddr) -> String {
    let transport = match kind {
        Type::STREAM => "TCP",
        Type::DGRAM => "UDP",
        _ => "raw",
    };
    match local.as_socket() {
        Some(address @ SocketAddr::V4(_)) => format!("a {transport} socket on {address}"),
        Some(address) => format!("a {transport} socket for IPv6 on {address}"),
        None if local.is_unix() => "a unix socket".to_owned(),
        None => format!("a socket of the address family {}", local.family()),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;
    use std::os::fd::OwnedFd;

    use super::*;

    /// Where the host has no such thing there is nothing to test; in CI there is.
    fn lacks(what: &str) {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "this needs {what}");
    }

    fn refusal(socket: impl Into<OwnedFd>) -> String {
        let error = UdpSocket::given(socket.into().into()).expect_err("it does not fit");
        error.to_string()
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = tcp.local_addr().expect("bound");
        let expected = format!("it is a TCP socket on {address}, not a UDP socket for IPv4");
        assert_eq!(refusal(tcp), expected);

        let unbound = Socket::new(Domain::IPV4, Type::DGRAM, None).expect("a socket");
        assert_eq!(refusal(unbound), "it is not bound to a port");

        let connected = StdSocket::bind("127.0.0.1:0").expect("a free port");
        connected.connect("127.0.0.1:9").expect("a local address");
        assert_eq!(refusal(connected), "it is connected to 127.0.0.1:9, and hears nobody else");

        let (unix, _) = std::os::unix::net::UnixDatagram::pair().expect("a pair");
        assert_eq!(refusal(unix), "it is a unix socket, not a UDP socket for IPv4");

        let file = std::fs::File::open("/dev/null").expect("it is there");
        assert!(refusal(file).starts_with("it is no socket ("));
    }

    #[test]
    fn an_ipv6_socket_is_named() {
        let Ok(six) = StdSocket::bind("[::1]:0") else {
            return lacks("IPv6");
        };
        let address = six.local_addr().expect("bound");
        let expected =
            format!("it is a UDP socket for IPv6 on {address}, not a UDP socket for IPv4");
        assert_eq!(refusal(six), expected);
    }

    #[test]
    fn it_is_shared_no_longer() {
        let shared = |address: SocketAddr| {
            let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).expect("a socket");
            socket.set_reuse_address(true).expect("it can be set");
            socket.bind(&address.into()).map(|()| StdSocket::from(socket))
        };
        let first = shared(([127, 0, 0, 1], 0).into()).expect("a free port");
        let address = first.local_addr().expect("bound");
        let second = shared(address).expect("both share");
        drop(second);
        let _given = UdpSocket::given(first).expect("it fits");
        assert!(shared(address).is_err());
    }

    #[test]
    fn what_was_dropped_before_is_another_s() {
        let io = StdSocket::bind("127.0.0.1:0").expect("a free port");
        SockRef::from(&io).set_recv_buffer_size(4096).expect("it can be small");
        let address = io.local_addr().expect("bound");
        let overflow = || {
            let sender = StdSocket::bind("127.0.0.1:0").expect("a free port");
            for _ in 0..100 {
                sender.send_to(&[0; 1000], address).expect("loopback takes it");
            }
        };
        overflow();
        let kept = io.try_clone().expect("a copy");
        let given = UdpSocket::given(io).expect("it fits");
        assert_eq!(given.drops(), Some(0));
        SockRef::from(&kept).set_recv_buffer_size(4096).expect("it can be small");
        overflow();
        assert_eq!(given.drops(), Some(100));
    }

    #[test]
    fn refusals_that_nobody_reads_are_not_kept() {
        let io = StdSocket::bind("127.0.0.1:0").expect("a free port");
        crate::option::enable(&io, libc::IPPROTO_IP, libc::IP_RECVERR).expect("it can be set");
        let refuse = |socket: &StdSocket| {
            let closed = StdSocket::bind("127.0.0.1:0").expect("a free port").local_addr();
            socket.send_to(b"gone?", closed.expect("bound")).expect("loopback takes it");
        };
        let is_ready = |socket: &StdSocket| {
            use rustix::event::{PollFd, PollFlags, Timespec, poll};
            let mut socket = [PollFd::new(socket, PollFlags::IN)];
            poll(&mut socket, Some(&Timespec::default())).expect("it can be polled") > 0
        };
        refuse(&io);
        assert!(is_ready(&io), "the refusal is kept");
        let given = UdpSocket::given(io).expect("it fits");
        assert!(!is_ready(given.as_std()), "what was kept before");
        refuse(given.as_std());
        assert!(!is_ready(given.as_std()), "what came after");
    }

    #[test]
    fn a_larger_buffer_stays() {
        let io = StdSocket::bind("127.0.0.1:0").expect("a free port");
        if rustix::net::sockopt::set_socket_recv_buffer_size_force(&io, 16 << 20).is_err() {
            return lacks("root, who gets more than everybody");
        }
        let before = SockRef::from(&io).recv_buffer_size().expect("it has one");
        let given = UdpSocket::given(io).expect("it fits");
        assert!(given.receive_buffer_size().expect("it has one") >= before);
    }
}
