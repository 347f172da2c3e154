//! A host's firewall with connection tracking.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::packet::Packet;

/// Lets in only what belongs to a flow that the host began: what comes from where it has sent to, at
/// the port that it has sent from. An answer to a broadcast belongs to none. Flows do not age.
#[derive(Debug, Default)]
pub(super) struct Firewall(BTreeSet<(u16, IpAddr, u16)>);

impl Firewall {
    /// Takes note of what the host sends.
    pub(super) fn note(&mut self, sent: &Packet) {
        let to = sent.destination;
        self.0.insert((sent.source.port(), to.ip(), to.port()));
    }

    pub(super) fn lets_in(&self, packet: &Packet) -> bool {
        let from = packet.source;
        self.0.contains(&(packet.destination.port(), from.ip(), from.port()))
    }
}
