//! What listens on the ports of services, as far as offers depend on it.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Instant;

use crate::{ListenerRule, Offer, limits};

/// A TCP socket that listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ListeningSocket {
    /// The address that it is bound to.
    pub address: IpAddr,
    /// Whether a socket for IPv6 refuses IPv4 (`IPV6_V6ONLY`, RFC 3493 section 5.3).
    pub only_v6: bool,
}

impl ListeningSocket {
    /// Whether a connection to `address` of this host arrives at it.
    pub fn accepts(&self, address: IpAddr) -> bool {
        match self.address {
            IpAddr::V4(bound) if bound.is_unspecified() => address.is_ipv4(),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.is_ipv6() || !self.only_v6,
            bound => bound.to_canonical() == address,
        }
    }
}

/// What listens on each port that was asked about.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    port: u16,
    at: Instant,
    sockets: Vec<ListeningSocket>,
}

impl Listeners {
    /// Whether it has to be asked what listens on `port`.
    pub(super) fn is_due(&self, now: Instant, port: u16) -> bool {
        self.of(port).is_none_or(|known| {
            now.saturating_duration_since(known.at) >= limits::LISTENERS_KNOWN_FOR
        })
    }

    /// Takes what listens on `port`. `None`, where the system does not say, leaves what was known.
    pub(super) fn note(&mut self, now: Instant, port: u16, sockets: Option<&[ListeningSocket]>) {
        let place = match self.known.iter().position(|known| known.port == port) {
            Some(place) => place,
            None => {
                self.known.push(Known { port, at: now, sockets: Vec::new() });
                self.known.len() - 1
            }
        };
        let known = &mut self.known[place];
        known.at = now;
        if let Some(sockets) = sockets {
            known.sockets.clear();
            for socket in sockets {
                if known.sockets.len() < limits::LISTENERS_A_PORT && !known.sockets.contains(socket)
                {
                    known.sockets.push(*socket);
                }
            }
        }
    }

    /// Forgets the ports that none of `offers` depends on.
    pub(super) fn retain<'a>(&mut self, offers: impl Iterator<Item = &'a Offer> + Clone) {
        self.known.retain(|known| offers.clone().any(|offer| offer.port() == known.port));
    }

    /// The listeners that make an offer true.
    pub(super) fn behind<'a>(
        &'a self,
        offer: &Offer,
    ) -> impl Iterator<Item = &'a ListeningSocket> + Clone + 'a {
        let at = match offer.listener {
            ListenerRule::At(address) => Some(address),
            ListenerRule::OnPort | ListenerRule::NotRequired => None,
        };
        let sockets = self.of(offer.port()).map_or(&[][..], |known| &known.sockets);
        sockets.iter().filter(move |socket| at.is_none_or(|at| at == socket.address))
    }

    fn of(&self, port: u16) -> Option<&Known> {
        self.known.iter().find(|known| known.port == port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(bound: &str, only_v6: bool, address: &str) -> bool {
        let parse = |text: &str| text.parse().expect("an address");
        ListeningSocket { address: parse(bound), only_v6 }.accepts(parse(address))
    }

    #[test]
    fn a_listener_accepts_its_address_and_family() {
        for (bound, only_v6, address, expected) in [
            ("0.0.0.0", false, "10.0.0.1", true),
            ("0.0.0.0", false, "fe80::1", false),
            ("10.0.0.1", false, "10.0.0.1", true),
            ("10.0.0.1", false, "10.0.0.2", false),
            ("127.0.0.1", false, "10.0.0.1", false),
            ("::", false, "10.0.0.1", true),
            ("::", true, "10.0.0.1", false),
            ("::", true, "fe80::1", true),
            ("::ffff:10.0.0.1", false, "10.0.0.1", true),
            ("::1", false, "10.0.0.1", false),
        ] {
            assert_eq!(accepts(bound, only_v6, address), expected, "{bound} {only_v6} {address}");
        }
    }
}
