//! TCP connections that are opened to see whether something listens, and carry nothing.

use std::io;
use std::net::{SocketAddr, TcpStream};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// Begins to open a connection, without blocking. The stream is writable when
/// [`connected`] knows more.
///
/// # Errors
/// What the system says at once: no route, no descriptor.
pub fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    match socket.connect(&to.into()) {
        Err(error) if !is_in_progress(&error) => Err(error),
        _ => Ok(socket.into()),
    }
}

/// Whether a connection was opened; `None` while it is not known.
pub fn connected<'s>(stream: impl Into<SockRef<'s>>) -> Option<io::Result<()>> {
    let stream = stream.into();
    match stream.take_error() {
        Ok(None) => {}
        Ok(Some(error)) | Err(error) => return Some(Err(error)),
    }
    match stream.peer_addr() {
        // A socket can meet itself where nothing listens on a port that the system hands out.
        Ok(peer) if stream.local_addr().is_ok_and(|own| own == peer) => {
            Some(Err(io::ErrorKind::ConnectionRefused.into()))
        }
        Ok(_) => Some(Ok(())),
        Err(error) if error.kind() == io::ErrorKind::NotConnected => None,
        Err(error) => Some(Err(error)),
    }
}

fn is_in_progress(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(libc::EINPROGRESS) {
        return true;
    }
    error.kind() == io::ErrorKind::WouldBlock
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::{Duration, Instant};

    use super::*;

    fn outcome(to: SocketAddr) -> io::Result<()> {
        let stream = connect(to)?;
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(outcome) = connected(&stream) {
                return outcome;
            }
            assert!(Instant::now() < end, "neither opened nor refused");
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_listener_accepts_and_a_closed_port_refuses() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let to = listener.local_addr().expect("bound");
        outcome(to).expect("it listens");
        drop(listener);
        let refused = outcome(to).expect_err("nothing listens");
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }

    /// Nobody accepts, and the queue is short. What no longer fits is left without
    /// a word, or refused.
    #[test]
    fn one_that_is_left_without_a_word_is_not_opened() {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a port");
        listener.listen(1).expect("bound");
        let to = listener.local_addr().ok().and_then(|it| it.as_socket()).expect("bound");
        let opened = |stream: &io::Result<TcpStream>| {
            let stream = stream.as_ref().ok();
            stream.and_then(connected).is_some_and(|outcome| outcome.is_ok())
        };
        let mut streams: Vec<_> = (0..16).map(|_| connect(to)).collect();
        let end = Instant::now() + Duration::from_secs(20);
        while !opened(&streams[0]) {
            assert!(Instant::now() < end, "the first one fits");
            std::thread::yield_now();
        }
        streams.push(connect(to));
        assert!(!opened(&streams[16]), "the queue does not hold so many");
    }
}
