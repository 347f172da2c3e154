//! A responder's look at what keeps clients from finding it.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use cooee_core::finding::{Code, Evidence, Finding, audit};
use cooee_core::interface::{Interface, InterfaceRole};
use cooee_core::{Advertise, Offer, ProbeRefusal, ResponderEngine};
use cooee_udp::SendFailure;

use super::shared::Shared;
use super::unsent::Withheld;
use crate::Notice;
use crate::evidence::{kept_mdns_port, without_mdns};

/// Tells each finding once, until it is gone.
pub(super) struct Audit {
    port: u16,
    /// Whether it answers on every address. What is bound to one was meant so.
    is_for_all: bool,
    advertises: bool,
    over_v6: bool,
    /// The addresses that it has told it answers at over IPv6.
    told_v6: Vec<(IpAddr, String)>,
    in_container: bool,
    /// Whether a name is to be announced.
    announces: bool,
    stranger: Option<IpAddr>,
    withheld: Withheld,
    /// Whether what is withheld has not been judged yet.
    is_news: bool,
    told: Vec<Finding>,
}

impl Audit {
    pub(super) fn new(bound: SocketAddr, advertise: Advertise) -> Self {
        let (port, is_for_all) = (bound.port(), bound.ip().is_unspecified());
        let advertises = matches!(advertise, Advertise::Address(address) if !address.is_loopback());
        let (in_container, stranger, told) = (is_in_container(), None, Vec::new());
        Self {
            port,
            is_for_all,
            advertises,
            over_v6: false,
            told_v6: Vec::new(),
            in_container,
            announces: false,
            stranger,
            withheld: Withheld::default(),
            is_news: false,
            told,
        }
    }

    /// Judges the interfaces as they are now, and whether IPv6 is answered.
    pub(super) fn look(&mut self, interfaces: &[Interface], over_v6: bool, shared: &Shared) {
        if !self.is_for_all {
            self.look_at_names(shared);
            return;
        }
        self.over_v6 = over_v6;
        let addresses = if over_v6 { answered_v6(interfaces) } else { Vec::new() };
        if addresses != self.told_v6 {
            self.told_v6.clone_from(&addresses);
            shared.tell(|| Notice::OverIpv6 { addresses });
        }
        let mut evidence = Evidence::new(self.port, interfaces.to_vec());
        evidence.serving.advertises = self.advertises;
        evidence.serving.over_v6 = self.over_v6;
        evidence.serving.in_container = self.in_container;
        evidence.serving.stranger = self.stranger;
        evidence.uses_mdns = self.announces;
        evidence.mdns_port = self.announces.then(kept_mdns_port).flatten();
        evidence.withheld = self.withheld.addresses().to_vec();
        let findings = audit(&evidence);
        for finding in findings.iter().filter(|finding| !self.told.contains(finding)) {
            shared.tell_finding(finding);
        }
        self.told = findings;
    }

    /// Judges whether another program keeps from announcing, whichever address is answered at.
    fn look_at_names(&mut self, shared: &Shared) {
        let kept = self.announces.then(kept_mdns_port).flatten();
        let finding = kept.and_then(without_mdns);
        for finding in finding.iter().filter(|finding| !self.told.contains(finding)) {
            shared.tell_finding(finding);
        }
        self.told.retain(|finding| finding.code() != Code::MdnsPortTaken);
        self.told.extend(finding);
    }

    /// Takes note of what is announced from now on, for the next [`look`](Self::look).
    pub(super) fn note_offers<'o>(&mut self, mut offers: impl Iterator<Item = &'o Offer>) {
        self.announces = offers.any(|offer| offer.publication.is_some());
    }

    /// Whether it has been told that IPv6 is answered.
    pub(super) fn says_over_v6(&self) -> bool {
        self.over_v6
    }

    /// Notes an answer that this host did not send.
    pub(super) fn note_unsent(&mut self, failure: &SendFailure<'_>) {
        // The first on a link of ours tells all. Others are nothing to tell of.
        if !self.told.iter().any(|finding| finding.code() == Code::LocalNetworkPrivacy) {
            self.is_news |= self.withheld.note(failure);
        }
    }

    /// Judges anew what [`note_unsent`](Self::note_unsent) has noted.
    pub(super) fn tell_unsent(&mut self, interfaces: &[Interface], shared: &Shared) {
        if std::mem::take(&mut self.is_news) {
            self.look(interfaces, self.over_v6, shared);
        }
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
            self.look(interfaces, self.over_v6, shared);
        }
    }
}

/// The IPv6 addresses of this host's links that only their own network has: those that do not
/// change from day to day.
fn answered_v6(interfaces: &[Interface]) -> Vec<(IpAddr, String)> {
    let mut found = Vec::new();
    let leads_out = |i: &&Interface| i.role != InterfaceRole::Container;
    for interface in interfaces.iter().filter(leads_out) {
        let Some(link_local) = interface.link_local() else { continue };
        found.push((IpAddr::V6(link_local), interface.name.clone()));
        let unique_local = interface.addresses.iter().filter_map(|net| match net.addr() {
            IpAddr::V6(address) => address.is_unique_local().then_some(address),
            IpAddr::V4(_) => None,
        });
        found.extend(unique_local.map(|address| (IpAddr::V6(address), interface.name.clone())));
    }
    found
}

/// Whether this is a container whose network is not that of its host.
fn is_in_container() -> bool {
    const MARKS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];
    MARKS.iter().any(|mark| Path::new(mark).exists()) && cooee_udp::has_only_virtual_links()
}
