use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

use cooee_core::{ListenerRule, ListeningSocket, Offer, limits};

/// What listens on each port, as the responder was told last.
#[derive(Default)]
pub(super) struct Listening(BTreeMap<u16, (Instant, Vec<ListeningSocket>)>);

impl Listening {
    /// `None`, where the system does not say, leaves what was known.
    pub(super) fn note(&mut self, now: Instant, port: u16, sockets: Option<&[ListeningSocket]>) {
        let (at, known) = self.0.entry(port).or_insert((now, Vec::new()));
        *at = now;
        if let Some(sockets) = sockets {
            *known = sockets.to_vec();
        }
    }

    pub(super) fn is_known(&self, now: Instant, port: u16) -> bool {
        self.0.get(&port).is_some_and(|&(at, _)| now - at < limits::LISTENERS_KNOWN_FOR)
    }

    /// Nothing is remembered of ports that no offer names.
    pub(super) fn retain(&mut self, offers: &[Offer]) {
        self.0.retain(|&port, _| offers.iter().any(|offer| offer.port() == port));
    }

    /// Those that the offer counts.
    pub(super) fn behind(&self, offer: &Offer) -> Vec<ListeningSocket> {
        let counts = |socket: &ListeningSocket| match offer.listener {
            ListenerRule::At(address) => socket.address == address,
            _ => true,
        };
        let known = self.0.get(&offer.port()).map_or(&[][..], |(_, known)| known);
        known.iter().copied().filter(counts).collect()
    }

    /// Whether a client that connects to `named` meets one that the offer counts.
    pub(super) fn accepts(&self, offer: &Offer, named: IpAddr) -> bool {
        self.behind(offer).iter().any(|socket| match (socket.address, named) {
            (IpAddr::V6(any), IpAddr::V4(_)) if any.is_unspecified() => !socket.only_v6,
            (IpAddr::V6(at), IpAddr::V4(named)) => at.to_ipv4_mapped() == Some(named),
            (at, named) => at == named || at.is_unspecified() && at.is_ipv4() == named.is_ipv4(),
        })
    }
}

/// Whether an offer is silent unless something listens.
pub(super) fn is_required(offer: &Offer) -> bool {
    offer.listener != ListenerRule::NotRequired
}
