//! Systems on which every socket is a descriptor.
//!
//! Descriptors are asked about by number, and never borrowed: another thread may close any of them
//! meanwhile, and then the system says so, or speaks of the file that has the number by then.

use std::fs;
use std::os::fd::RawFd;

use libc::{c_int, socklen_t};
use socket2::SockAddr;

use super::listener::OwnListener;

pub(super) fn own_listeners() -> Option<Vec<OwnListener>> {
    Some(descriptors().into_iter().filter_map(listener).collect())
}

/// The open descriptors, or all numbers that may be open where they are not listed.
fn descriptors() -> Vec<RawFd> {
    /// Servers open their listeners early, so those have low numbers.
    const MOST: RawFd = 1024;
    let listed = fs::read_dir("/proc/self/fd").ok().map(|entries| {
        let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let mut numbers: Vec<_> = numbers.collect();
        numbers.sort_unstable();
        numbers
    });
    listed.unwrap_or_else(|| (0..MOST).collect())
}

fn listener(descriptor: RawFd) -> Option<OwnListener> {
    let is_stream = option(descriptor, libc::SOL_SOCKET, libc::SO_TYPE)? == libc::SOCK_STREAM;
    let accepts = option(descriptor, libc::SOL_SOCKET, libc::SO_ACCEPTCONN)? != 0;
    if !is_stream || !accepts {
        return None;
    }
    let bound = bound(descriptor)?;
    if bound.is_unix() {
        return Some(OwnListener::Unix { path: bound.as_pathname()?.into() });
    }
    let address = bound.as_socket().filter(|_| is_tcp(descriptor))?;
    let v6_only = address.is_ipv6()
        && option(descriptor, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY).is_some_and(|only| only != 0);
    Some(OwnListener::Tcp { address, v6_only })
}

/// Elsewhere streams of the internet families are taken for TCP.
#[cfg(not(target_os = "linux"))]
fn is_tcp(_: RawFd) -> bool {
    true
}

#[cfg(target_os = "linux")]
fn is_tcp(descriptor: RawFd) -> bool {
    let protocol = option(descriptor, libc::SOL_SOCKET, libc::SO_PROTOCOL);
    matches!(protocol, Some(libc::IPPROTO_TCP | libc::IPPROTO_MPTCP))
}

/// An option whose value is an integer; `None` when the number names no such socket.
fn option(descriptor: RawFd, level: c_int, name: c_int) -> Option<c_int> {
    let mut value: c_int = 0;
    let mut length = size_of::<c_int>() as socklen_t;
    // SAFETY: `value` is writable for `length` bytes, of which every pattern is an integer; the
    // system reads nothing through the number but what it asks about, and any number may be asked
    // about.
    let result = unsafe {
        libc::getsockopt(descriptor, level, name, (&raw mut value).cast(), &raw mut length)
    };
    (result == 0 && length as usize == size_of::<c_int>()).then_some(value)
}

fn bound(descriptor: RawFd) -> Option<SockAddr> {
    // SAFETY: the storage is writable for `length` bytes, and holds an address of the length that
    // the system wrote when the call succeeds. Any number may be asked about.
    let named = unsafe {
        SockAddr::try_init(|storage, length| {
            match libc::getsockname(descriptor, storage.cast(), length) {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        })
    };
    named.ok().map(|((), address)| address)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
    use std::os::fd::AsRawFd;
    use std::os::unix::net::{UnixListener, UnixStream};

    use socket2::{Domain, Socket, Type};

    use super::*;
    use crate::own_listeners;

    fn told(socket: &impl AsRawFd) -> Option<OwnListener> {
        listener(socket.as_raw_fd())
    }

    #[test]
    fn a_listener_is_told_with_its_address() {
        let listening = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listening.local_addr().expect("bound");
        let expected = OwnListener::Tcp { address, v6_only: false };
        assert_eq!(told(&listening), Some(expected.clone()));
        assert!(own_listeners().expect("descriptors are listed").contains(&expected));
        drop(listening);
        assert!(!own_listeners().expect("descriptors are listed").contains(&expected));
    }

    #[test]
    fn a_socket_of_ipv6_tells_whether_it_takes_ipv4() {
        for only in [false, true] {
            let socket = Socket::new(Domain::IPV6, Type::STREAM, None).expect("a socket");
            socket.set_only_v6(only).expect("unbound");
            socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)).into()).expect("a free port");
            assert_eq!(told(&socket), None, "it does not listen yet");
            socket.listen(1).expect("bound");
            let Some(OwnListener::Tcp { address, v6_only }) = told(&socket) else {
                panic!("it listens");
            };
            assert!(address.is_ipv6() && address.ip().is_unspecified());
            assert_eq!(v6_only, only);
        }
    }

    #[test]
    fn a_unix_listener_is_told_with_its_file() {
        let path = std::env::temp_dir().join(format!("cooee-own-{}", std::process::id()));
        let listening = UnixListener::bind(&path).expect("a new file");
        std::fs::remove_file(&path).expect("it was just made");
        assert_eq!(told(&listening), Some(OwnListener::Unix { path }));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_unix_listener_without_a_file_is_left_out() {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None).expect("a socket");
        let name = format!("\0cooee-own-{}", std::process::id());
        socket.bind(&SockAddr::unix(name).expect("a short name")).expect("a new name");
        socket.listen(1).expect("bound");
        assert_eq!(told(&socket), None);
    }

    #[test]
    fn what_accepts_no_connections_is_left_out() {
        let listening = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listening.local_addr().expect("bound");
        let client = TcpStream::connect(address).expect("it listens");
        let (accepted, _) = listening.accept().expect("a client");
        let (one, other) = UnixStream::pair().expect("sockets");
        let udp = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let file = std::fs::File::open("/dev/null").expect("a file");
        for descriptor in [
            client.as_raw_fd(),
            accepted.as_raw_fd(),
            one.as_raw_fd(),
            other.as_raw_fd(),
            udp.as_raw_fd(),
            file.as_raw_fd(),
            -1,
        ] {
            assert_eq!(listener(descriptor), None);
        }
    }
}
