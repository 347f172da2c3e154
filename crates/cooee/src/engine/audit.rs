//! A responder's look at what keeps clients from finding it.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use cooee_core::finding::{Evidence, Finding, audit};
use cooee_core::interface::Interface;
use cooee_core::{Advertise, ProbeRefusal, ResponderEngine};

use super::shared::Shared;

/// Tells each finding once, until it is gone.
pub(super) struct Audit {
    port: u16,
    /// Whether it answers on every address. What is bound to one was meant so.
    is_for_all: bool,
    advertises: bool,
    over_v6: bool,
    in_container: bool,
    stranger: Option<IpAddr>,
    told: Vec<Finding>,
}

impl Audit {
    pub(super) fn new(bound: SocketAddr, advertise: Advertise, over_v6: bool) -> Self {
        let (port, is_for_all) = (bound.port(), bound.ip().is_unspecified());
        let advertises = matches!(advertise, Advertise::Address(address) if !address.is_loopback());
        let (in_container, stranger, told) = (is_in_container(), None, Vec::new());
        Self { port, is_for_all, advertises, over_v6, in_container, stranger, told }
    }

    /// Judges the interfaces as they are now.
    pub(super) fn look(&mut self, interfaces: &[Interface], shared: &Shared) {
        if !self.is_for_all {
            return;
        }
        let mut evidence = Evidence::new(self.port, interfaces.to_vec());
        evidence.serving.advertises = self.advertises;
        evidence.serving.over_v6 = self.over_v6;
        evidence.serving.in_container = self.in_container;
        evidence.serving.stranger = self.stranger;
        let findings = audit(&evidence);
        for finding in findings.iter().filter(|finding| !self.told.contains(finding)) {
            shared.tell_finding(finding);
        }
        self.told = findings;
    }

    /// Whether a datagram of another protocol would be news.
    pub(super) fn is_listening_for_strangers(&self) -> bool {
        self.stranger.is_none()
    }

    /// Notes the sender of the datagram just handled if it was the first of another protocol.
    pub(super) fn note(
        &mut self,
        sender: IpAddr,
        engine: &ResponderEngine,
        interfaces: &[Interface],
        shared: &Shared,
    ) {
        if engine.counters().refused(ProbeRefusal::Foreign) > 0 {
            self.stranger = Some(sender);
            self.look(interfaces, shared);
        }
    }
}

/// Whether this is a container whose network is not that of its host.
fn is_in_container() -> bool {
    const MARKS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];
    MARKS.iter().any(|mark| Path::new(mark).exists()) && cooee_udp::has_only_virtual_links()
}
