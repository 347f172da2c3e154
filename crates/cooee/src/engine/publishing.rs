//! Announces what has a name: our own service, and those of processes that stand by.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use cooee_core::announced::{Marker, Publication, ServiceType};
use cooee_core::interface::Interface;
use cooee_core::wire::{Families, Family};
use cooee_core::{Advertise, ListenerRule, ListeningSocket, Offer};
use cooee_mdns::{PublishEvent, Published, PublishedName, Publisher};

use super::listening::Listening;
use super::random_seed;
use super::shared::Shared;
use crate::Notice;

/// Announces by DNS-SD. Opens nothing while no offer has a name.
pub(super) struct Publishing {
    local_addr: SocketAddr,
    /// What tells this run from others of the same name.
    instance: String,
    publications: Vec<Publication>,
    publisher: Option<Box<Publisher>>,
}

impl Publishing {
    pub(super) fn new(local_addr: SocketAddr) -> Self {
        let instance = format!("{:016x}", random_seed());
        Self { local_addr, instance, publications: Vec::new(), publisher: None }
    }

    /// Announces what these offers publish, and nothing else.
    pub(super) fn offer<'o>(
        &mut self,
        now: Instant,
        offers: impl Iterator<Item = &'o Offer>,
        interfaces: &[Interface],
        listening: &mut Listening,
    ) {
        let mut published: Vec<Published> = Vec::new();
        self.publications.clear();
        for offer in offers {
            let Some(publication) = &offer.publication else { continue };
            let sockets = match offer.listener {
                ListenerRule::NotRequired => None,
                _ => listening.on_port(now, offer.port()),
            };
            let sockets = sockets.unwrap_or_default();
            let Some((families, only)) = reached_at(offer, self.local_addr, &sockets) else {
                continue;
            };
            let one = Published { publication: self.marked(publication), families, only };
            if !published.contains(&one) {
                published.push(one);
                self.publications.push(publication.clone());
            }
        }
        if published.is_empty() && self.publisher.is_none() {
            return;
        }
        let publisher = self.publisher.get_or_insert_default();
        publisher.handle_interfaces(now, interfaces);
        publisher.publish(now, published);
    }

    /// The publication with what marks it as one of ours.
    fn marked(&self, publication: &Publication) -> Publication {
        let marker = Marker::of(publication, env!("CARGO_PKG_VERSION"), &self.instance);
        let mut marked = publication.clone();
        marked.services.retain(|service| service.service != ServiceType::cooee());
        marked.services.push(marker.record(self.local_addr.port()));
        marked
    }

    pub(super) fn handle_interfaces(&mut self, now: Instant, interfaces: &[Interface]) {
        if let Some(publisher) = &mut self.publisher {
            publisher.handle_interfaces(now, interfaces);
        }
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.publisher.as_ref()?.poll_timeout()
    }

    /// Does what is due, and tells what came of announcing.
    pub(super) fn turn(&mut self, now: Instant, shared: &Shared) {
        let Some(publisher) = &mut self.publisher else { return };
        if publisher.poll_timeout().is_some_and(|due| due <= now) {
            publisher.handle_timeout(now);
        }
        while let Some(event) = publisher.poll_event() {
            match event {
                PublishEvent::Announced { of, name } => {
                    let Some(publication) = self.publications.get(of) else { continue };
                    let services = publication.services.clone();
                    let PublishedName { instance: name, host } = name;
                    tracing::info!(name, host, "announced by DNS-SD");
                    shared.tell(|| Notice::Announced { name, host: local(&host), services });
                }
                PublishEvent::Renamed { from, to, .. } => {
                    tracing::warn!(
                        "another host is {from:?}; this one goes by {to:?}",
                        from = shown(&from),
                        to = shown(&to),
                    );
                    shared.tell(|| Notice::Renamed {
                        before: from.instance,
                        host_before: local(&from.host),
                        name: to.instance,
                        host: local(&to.host),
                    });
                }
                PublishEvent::Failed { interface, why } => {
                    tracing::warn!("not announced on {interface}, and tried again: {why}");
                    shared.tell(|| Notice::NotAnnounced { interface, why });
                }
                _ => {}
            }
        }
    }
}

fn local(host: &str) -> String {
    format!("{host}.local")
}

fn shown(name: &PublishedName) -> String {
    format!("{} at {}.local", name.instance, name.host)
}

/// The families that the service of an offer is reached over, and its only address if it has one; `None`
/// if no other host reaches what listens for it. Where nothing does yet, or nobody knows, it is believed.
fn reached_at(
    offer: &Offer,
    local_addr: SocketAddr,
    sockets: &[ListeningSocket],
) -> Option<(Families, Option<IpAddr>)> {
    let specific = |address: IpAddr| Some(address).filter(|address| !address.is_unspecified());
    let advertised = match offer.advertise {
        Advertise::Address(address) => Some(address),
        _ => None,
    };
    let (listens_at, v4_alone) = match offer.listener {
        ListenerRule::At(address) => {
            (specific(address), address.is_ipv4() && address.is_unspecified())
        }
        _ => (None, false),
    };
    let is_heard = |family: Family| {
        offer.families.has(family)
            && !(v4_alone && family == Family::V6)
            && (sockets.is_empty() || sockets.iter().any(|socket| is_open(socket, family)))
    };
    let families = match (is_heard(Family::V4), is_heard(Family::V6)) {
        (true, true) => Families::Both,
        (true, false) => Families::V4,
        (false, true) => Families::V6,
        (false, false) => return None,
    };
    let listens_at = listens_at.or(match sockets {
        [socket] => specific(socket.address.to_canonical()),
        _ => None,
    });
    let bound = offer.bound.or(specific(local_addr.ip()));
    Some((families, advertised.or(listens_at).or(bound)))
}

/// Whether other hosts can connect to the socket over the family.
fn is_open(socket: &ListeningSocket, family: Family) -> bool {
    match socket.address.to_canonical() {
        address if address.is_loopback() => false,
        IpAddr::V6(address) if address.is_unspecified() => family == Family::V6 || !socket.only_v6,
        address => Family::of(address) == family,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use cooee_core::announced::{PublishedService, Txt};

    use super::*;

    fn at(listener: ListenerRule, advertise: Advertise) -> (Families, Option<IpAddr>) {
        let offer = Offer { listener, advertise, ..Offer::default() };
        reached_at(&offer, "0.0.0.0:9999".parse().unwrap(), &[]).unwrap()
    }

    #[test]
    fn what_listens_on_one_address_is_announced_there_alone() {
        let lan: IpAddr = [192, 168, 1, 7].into();
        assert_eq!(at(ListenerRule::NotRequired, Advertise::Auto), (Families::Both, None));
        assert_eq!(at(ListenerRule::At(lan), Advertise::Auto), (Families::Both, Some(lan)));
        let any = Ipv4Addr::UNSPECIFIED.into();
        assert_eq!(at(ListenerRule::At(any), Advertise::Auto), (Families::V4, None));
        assert_eq!(at(ListenerRule::OnPort, Advertise::Address(lan)), (Families::Both, Some(lan)));
        let loopback = reached_at(&Offer::default(), "127.0.0.1:9999".parse().unwrap(), &[]);
        assert_eq!(loopback.unwrap().1, Some(Ipv4Addr::LOCALHOST.into()));
    }

    #[test]
    fn what_listens_over_ipv4_alone_has_no_ipv6_address() {
        let at = |sockets: &[(&str, bool)]| {
            let socket = |&(address, only_v6): &(&str, bool)| ListeningSocket {
                address: address.parse().unwrap(),
                only_v6,
            };
            let sockets: Vec<_> = sockets.iter().map(socket).collect();
            let offer = Offer { listener: ListenerRule::OnPort, ..Offer::default() };
            reached_at(&offer, "0.0.0.0:9999".parse().unwrap(), &sockets)
        };
        assert_eq!(at(&[]), Some((Families::Both, None)));
        assert_eq!(at(&[("0.0.0.0", false)]), Some((Families::V4, None)));
        assert_eq!(at(&[("::", false)]), Some((Families::Both, None)));
        assert_eq!(at(&[("::", true)]), Some((Families::V6, None)));
        assert_eq!(at(&[("0.0.0.0", false), ("::", true)]), Some((Families::Both, None)));
        assert_eq!(at(&[("127.0.0.1", false)]), None);
        let lan = Some([192, 168, 1, 7].into());
        assert_eq!(at(&[("192.168.1.7", false)]), Some((Families::V4, lan)));
    }

    #[test]
    fn ours_are_marked_with_service_version_and_instance() {
        let publishing = Publishing::new("0.0.0.0:9999".parse().unwrap());
        let service =
            PublishedService { service: ServiceType::http(), port: 8000, txt: Txt::new() };
        let publication = Publication { name: "W".into(), hostname: None, services: vec![service] };
        let marked = publishing.marked(&publication);
        let ours = marked.services.last().unwrap();
        assert_eq!((ours.service.clone(), ours.port), (ServiceType::cooee(), 9999));
        assert_eq!(ours.txt.text("service").unwrap(), "_http._tcp:8000");
        assert_eq!(ours.txt.text("version").unwrap(), env!("CARGO_PKG_VERSION"));
        assert_eq!(ours.txt.text("instance").unwrap().len(), 16);
    }
}
