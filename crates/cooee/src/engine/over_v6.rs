//! Answering over IPv6 beside IPv4: a socket of its own on the same port, and the group that clients
//! probe, joined on every link.

use std::collections::BTreeSet;
use std::io;
use std::net::Ipv6Addr;

use cooee_core::interface::Interface;
use cooee_core::{GROUP, group_interfaces, limits};
use cooee_udp::UdpSocket;

/// The socket, and where it has joined.
pub(super) struct OverV6 {
    pub(super) socket: UdpSocket,
    joined: BTreeSet<u32>,
    /// Whether something may have arrived on it.
    pub(super) may_be_readable: bool,
}

impl OverV6 {
    /// Takes the port on all IPv6 addresses, if the system has IPv6 and nobody else has it. Says so
    /// if not: IPv4 is answered all the same.
    pub(super) fn open(port: u16) -> Option<Self> {
        match UdpSocket::bind((Ipv6Addr::UNSPECIFIED, port)) {
            Ok(socket) => Some(Self { socket, joined: BTreeSet::new(), may_be_readable: true }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                tracing::warn!("port {port} is taken over IPv6; only IPv4 is answered");
                None
            }
            Err(error) => {
                tracing::info!(%error, "this system has no IPv6; only IPv4 is answered");
                None
            }
        }
    }

    /// Joins the group on each link that there is, and leaves it where there is none any more: one
    /// that comes back is another, although it may have the same index.
    pub(super) fn join(&mut self, interfaces: &[Interface]) {
        let present: BTreeSet<u32> = group_interfaces(interfaces).collect();
        for &gone in self.joined.difference(&present) {
            // The system has mostly forgotten it already.
            let _ = self.socket.leave_group(GROUP, gone);
        }
        self.joined.retain(|index| present.contains(index));
        for index in present {
            if self.joined.len() >= limits::GROUPS_MAX || !self.joined.insert(index) {
                continue;
            }
            if let Err(error) = self.socket.join_group(GROUP, index) {
                tracing::warn!(%error, interface = index, "probes over IPv6 are not heard there");
            }
        }
    }
}
