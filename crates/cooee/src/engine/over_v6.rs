//! Answering over IPv6 beside IPv4: a socket of its own on the same port, and the group that clients
//! probe, joined on every link.

use std::collections::BTreeSet;
use std::io;
use std::net::Ipv6Addr;
use std::time::{Duration, Instant};

use cooee_core::interface::Interface;
use cooee_core::{GROUP, group_interfaces, limits};
use cooee_udp::{UdpSocket, lacks_family};

/// The socket once the port is free over IPv6, and where it has joined.
pub(crate) struct OverV6 {
    port: u16,
    socket: Option<UdpSocket>,
    joined: BTreeSet<u32>,
    /// Whether something may have arrived on it.
    may_be_readable: bool,
    again: Option<Again>,
}

/// When to try for the port again, after how long, and why there is no socket meanwhile.
#[derive(Clone, Copy)]
struct Again {
    at: Instant,
    pause: Duration,
    why: Why,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    /// Another has the port.
    Taken,
    /// The system does not give it.
    Refused,
    /// It could not be waited for.
    Released,
}

impl OverV6 {
    /// How soon the port is tried again; each time twice as long, up to a minute.
    const SOON: Duration = Duration::from_secs(1);
    const LATE: Duration = Duration::from_secs(60);

    /// Nothing is answered over IPv6.
    pub(super) fn unwanted() -> Self {
        let (socket, joined) = (None, BTreeSet::new());
        Self { port: 0, socket, joined, may_be_readable: true, again: None }
    }

    /// Takes the port on all IPv6 addresses, if the system has IPv6. While it is not to be had, which
    /// is said once, it is tried again from time to time: IPv4 is answered meanwhile.
    pub(crate) fn open(port: u16, interfaces: &[Interface], now: Instant) -> Self {
        let mut over_v6 = Self { port, ..Self::unwanted() };
        match UdpSocket::bind((Ipv6Addr::UNSPECIFIED, port)) {
            Ok(socket) => over_v6.socket = Some(socket),
            Err(error) if lacks_family(&error) => {
                tracing::info!(%error, "this system has no IPv6; only IPv4 is answered");
            }
            Err(error) => {
                let why = if error.kind() == io::ErrorKind::AddrInUse {
                    tracing::warn!(
                        "port {port} is taken over IPv6; only IPv4 is answered until it is free"
                    );
                    Why::Taken
                } else {
                    tracing::warn!(
                        %error, "port {port} is not to be had over IPv6; only IPv4 is answered until it is"
                    );
                    Why::Refused
                };
                over_v6.again = Some(Again { at: now + Self::SOON, pause: Self::SOON, why });
            }
        }
        over_v6.join(interfaces);
        over_v6
    }

    pub(crate) fn socket(&self) -> Option<&UdpSocket> {
        self.socket.as_ref()
    }

    /// The socket, if something may have arrived on it.
    pub(super) fn readable(&self) -> Option<&UdpSocket> {
        self.socket().filter(|_| self.may_be_readable)
    }

    /// Notes whether something may have arrived.
    pub(super) fn note_readable(&mut self, may_be: bool) {
        self.may_be_readable = may_be;
    }

    /// When to look again although nothing arrives.
    pub(super) fn due(&self) -> Option<Instant> {
        self.again.map(|again| again.at)
    }

    /// Tries for the port again if it is time to. Returns whether it is ours from now on.
    pub(super) fn retry(&mut self, now: Instant, interfaces: &[Interface]) -> bool {
        let Some(again) = self.again.filter(|again| again.at <= now) else { return false };
        match UdpSocket::bind((Ipv6Addr::UNSPECIFIED, self.port)) {
            Ok(socket) => {
                match again.why {
                    Why::Taken => {
                        let port = self.port;
                        tracing::info!("port {port} is free over IPv6, which is answered now");
                    }
                    Why::Refused => tracing::info!("IPv6 is answered now"),
                    Why::Released => tracing::info!("IPv6 is answered again"),
                }
                (self.socket, self.again, self.may_be_readable) = (Some(socket), None, true);
                self.join(interfaces);
                true
            }
            Err(error) => {
                tracing::debug!(%error, "the port is not to be had over IPv6 yet");
                let pause = (again.pause * 2).min(Self::LATE);
                self.again = Some(Again { at: now + pause, pause, ..again });
                false
            }
        }
    }

    /// Closes the socket, which could not be waited for, and tries again after a while.
    pub(super) fn release(&mut self, now: Instant, why: &io::Error) {
        tracing::warn!(error = %why, "cannot wait for probes over IPv6; tried again in a minute");
        let (at, pause) = (now + Self::LATE, Self::LATE);
        (self.socket, self.again) = (None, Some(Again { at, pause, why: Why::Released }));
        self.joined.clear();
    }

    /// Tries for the port at the next occasion: interfaces have changed. What could not be waited for
    /// has another cause.
    pub(super) fn hasten(&mut self, now: Instant) {
        if let Some(again) = self.again.as_mut().filter(|again| again.why != Why::Released) {
            (again.at, again.pause) = (again.at.min(now), Self::SOON);
        }
    }

    /// Joins the group on each link that there is, and leaves it where there is none any more: one
    /// that comes back is another, although it may have the same index.
    pub(super) fn join(&mut self, interfaces: &[Interface]) {
        let Some(socket) = &self.socket else { return };
        let present: BTreeSet<u32> = group_interfaces(interfaces).collect();
        for &gone in self.joined.difference(&present) {
            // The system has mostly forgotten it already.
            let _ = socket.leave_group(GROUP, gone);
        }
        self.joined.retain(|index| present.contains(index));
        for index in present {
            if self.joined.len() >= limits::GROUPS_MAX || !self.joined.insert(index) {
                continue;
            }
            if let Err(error) = socket.join_group(GROUP, index) {
                tracing::warn!(%error, interface = index, "probes over IPv6 are not heard there");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_over_ipv6_is_had_once_it_is_free() {
        let Ok(other) = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)) else { return };
        let port = other.local_addr().unwrap().port();
        let start = Instant::now();
        let mut over_v6 = OverV6::open(port, &[], start);
        assert!(over_v6.socket().is_none());
        let first = over_v6.due().expect("it is tried again");
        assert!(!over_v6.retry(first, &[]));
        let second = over_v6.due().expect("it is tried again");
        assert!(second - first > first - start, "less often");
        drop(other);
        assert!(!over_v6.retry(first, &[]), "not before its time");
        assert!(over_v6.retry(second, &[]));
        assert!(over_v6.socket().is_some() && over_v6.readable().is_some());
        assert_eq!(over_v6.due(), None);
    }

    #[test]
    fn a_socket_that_cannot_be_waited_for_is_closed_and_had_again_later() {
        let start = Instant::now();
        let Ok(other) = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)) else { return };
        let port = other.local_addr().unwrap().port();
        drop(other);
        let mut over_v6 = OverV6::open(port, &[], start);
        over_v6.release(start, &io::ErrorKind::OutOfMemory.into());
        over_v6.hasten(start);
        assert!(over_v6.socket().is_none() && over_v6.readable().is_none());
        let due = over_v6.due().expect("it is tried again");
        assert!(due > start);
        assert!(over_v6.retry(due, &[]));
        assert!(over_v6.readable().is_some());
    }
}
