//! Datagrams that could not be delivered, of which the system tells later.

use std::io;
use std::net::SocketAddr;

/// A datagram that could not be delivered.
#[derive(Debug)]
pub struct Refusal {
    /// Whom it was for.
    pub destination: SocketAddr,
    /// Why: [`io::ErrorKind::ConnectionRefused`] when the host is there and nobody has the port,
    /// [`io::ErrorKind::HostUnreachable`] when the host is not, or what else a router said.
    pub error: io::Error,
    /// Whether a firewall said so, by ICMP: the destination, or the way there, is prohibited
    /// (RFC 1812 section 5.2.7.1, RFC 4443 section 3.1).
    pub is_prohibited: bool,
}

/// Whether an error of sending or receiving is about a datagram sent earlier, rather than about the
/// call: a host or a router refused it by ICMP. The next call is as good as any other.
pub fn is_of_earlier(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable};
    let of_icmp = [ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable];
    of_icmp.contains(&error.kind()) || error.raw_os_error().is_some_and(is_of_earlier_by_number)
}

/// Whether an error of sending may mean that the system keeps this program from the local network:
/// macOS from version 15 on then says that there is no route to the host. It says the same where
/// that is so.
pub fn may_be_withheld(error: &io::Error) -> bool {
    cfg!(target_os = "macos") && is_unreachable(error)
}

fn is_unreachable(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::HostUnreachable
}

/// Those that have no kind of their own.
#[cfg(target_os = "linux")]
fn is_of_earlier_by_number(number: i32) -> bool {
    // What the kernel makes of ICMP messages (`icmp_err_convert`, `icmpv6_err_convert`).
    const OF_ICMP: [i32; 8] = [
        libc::EACCES,
        libc::EHOSTDOWN,
        libc::EMSGSIZE,
        libc::ENETRESET,
        libc::ENONET,
        libc::ENOPROTOOPT,
        libc::EOPNOTSUPP,
        libc::EPROTO,
    ];
    OF_ICMP.contains(&number)
}

#[cfg(not(target_os = "linux"))]
fn is_of_earlier_by_number(number: i32) -> bool {
    #[cfg(windows)]
    const NETWORK_RESET: i32 = windows_sys::Win32::Networking::WinSock::WSAENETRESET;
    #[cfg(not(windows))]
    const NETWORK_RESET: i32 = libc::ENETRESET;
    number == NETWORK_RESET
}

/// Receives, past as many errors about datagrams sent earlier as `patience` says.
///
/// # Errors
/// What receiving says then. Of a system that never says anything else, that is an error: whoever
/// took it for "nothing is waiting" would be woken at once, again and again.
pub(super) fn receive_past(
    patience: usize,
    mut receive: impl FnMut() -> io::Result<()>,
) -> io::Result<()> {
    for _ in 0..patience {
        match receive() {
            Err(error) if is_of_earlier(&error) => {
                tracing::trace!(%error, "a datagram sent earlier was refused");
            }
            received => return received,
        }
    }
    receive()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: usize = 64;

    fn after(refusals: usize, kind: io::ErrorKind) -> (io::Result<()>, usize) {
        let mut calls = 0;
        let received = receive_past(PATIENCE, || {
            calls += 1;
            if calls > refusals { Ok(()) } else { Err(kind.into()) }
        });
        (received, calls)
    }

    #[test]
    #[cfg(unix)]
    fn only_macos_may_withhold_what_has_no_route() {
        let error = |number| io::Error::from_raw_os_error(number);
        assert!(is_unreachable(&error(libc::EHOSTUNREACH)));
        // A neighbour that does not answer ARP.
        assert!(!is_unreachable(&error(libc::EHOSTDOWN)));
        assert!(!is_unreachable(&error(libc::ENETUNREACH)));
        assert_eq!(may_be_withheld(&error(libc::EHOSTUNREACH)), cfg!(target_os = "macos"));
    }

    #[test]
    fn what_was_refused_earlier_does_not_keep_from_receiving() {
        for kind in [io::ErrorKind::ConnectionReset, io::ErrorKind::ConnectionRefused] {
            for refusals in [0, 1, 30, PATIENCE] {
                let (received, calls) = after(refusals, kind);
                received.expect("there is a datagram behind them");
                assert_eq!(calls, refusals + 1);
            }
        }
    }

    #[test]
    fn a_system_that_says_nothing_else_is_in_trouble() {
        let (received, calls) = after(usize::MAX, io::ErrorKind::ConnectionReset);
        let error = received.expect_err("there is no end of them");
        assert_eq!((error.kind(), calls), (io::ErrorKind::ConnectionReset, PATIENCE + 1));
    }

    #[test]
    fn other_errors_are_told_at_once() {
        let (received, calls) = after(1, io::ErrorKind::OutOfMemory);
        let error = received.expect_err("it is trouble");
        assert_eq!((error.kind(), calls), (io::ErrorKind::OutOfMemory, 1));
    }
}
