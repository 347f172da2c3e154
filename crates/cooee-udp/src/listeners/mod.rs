//! Which TCP sockets listen on a port.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod sys;
#[cfg(windows)]
#[path = "windows.rs"]
mod sys;
#[cfg(not(any(target_os = "linux", windows)))]
#[path = "portable.rs"]
mod sys;

#[cfg(any(windows, test))]
mod tcp_rows;

use std::io;

use cooee_core::ListeningSocket;

/// Tells which TCP sockets of this host (Linux: of this network namespace) listen on a port.
#[derive(Debug)]
pub struct Listeners {
    sys: sys::Listeners,
}

impl Listeners {
    /// Opens what the system is asked by.
    ///
    /// # Errors
    /// `Unsupported` where the system does not tell; else as the system says.
    pub fn new() -> io::Result<Self> {
        Ok(Self { sys: sys::Listeners::new()? })
    }

    /// The sockets that listen on `port`.
    ///
    /// # Errors
    /// As the system says.
    pub fn on_port(&mut self, port: u16) -> io::Result<Vec<ListeningSocket>> {
        self.sys.on_port(port)
    }
}

#[cfg(target_os = "linux")]
impl std::os::fd::AsFd for Listeners {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        std::os::fd::AsFd::as_fd(&self.sys)
    }
}

#[cfg(all(test, any(target_os = "linux", windows)))]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn on(listener: &TcpListener) -> Vec<(String, bool)> {
        let port = listener.local_addr().expect("it is bound").port();
        let sockets = Listeners::new().and_then(|mut it| it.on_port(port)).expect("it is told");
        sockets.iter().map(|socket| (socket.address.to_string(), socket.only_v6)).collect()
    }

    #[test]
    fn a_listener_is_found_with_its_address() {
        let v4 = TcpListener::bind("127.0.0.1:0").expect("a port");
        assert_eq!(on(&v4), [("127.0.0.1".to_owned(), false)]);
    }

    fn of_ipv6(only_v6: bool) -> TcpListener {
        use socket2::{Domain, Socket, Type};
        let socket = Socket::new(Domain::IPV6, Type::STREAM, None).expect("a socket");
        socket.set_only_v6(only_v6).expect("it can be set");
        let any: std::net::SocketAddr = "[::]:0".parse().expect("an address");
        socket.bind(&any.into()).expect("a port");
        socket.listen(1).expect("it listens");
        socket.into()
    }

    #[test]
    fn a_listener_for_ipv6_only_is_told_apart() {
        assert_eq!(on(&of_ipv6(true)), [("::".to_owned(), true)]);
    }

    #[test]
    fn a_listener_for_both_families_takes_both() {
        let listener = of_ipv6(false);
        let port = listener.local_addr().expect("it is bound").port();
        let sockets = Listeners::new().and_then(|mut it| it.on_port(port)).expect("it is told");
        for address in ["192.0.2.7", "2001:db8::7"] {
            let address = address.parse().expect("an address");
            assert!(sockets.iter().any(|socket| socket.accepts(address)), "{sockets:?}");
        }
    }

    #[test]
    fn a_port_without_a_listener_has_none() {
        let bound = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
        let port = bound.local_addr().expect("it is bound").port();
        let sockets = Listeners::new().and_then(|mut listeners| listeners.on_port(port));
        assert_eq!(sockets.expect("it is told"), []);
    }
}
