//! Announces what has a name: our own service, and those of processes that stand by.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use cooee_core::announced::{Marker, Publication, ServiceType};
use cooee_core::interface::Interface;
use cooee_core::wire::Family;
use cooee_core::{Advertise, ListenerRule, ListeningSocket, Offer};
use cooee_mdns::{PublishEvent, Published, PublishedName, Publisher};

use super::listening::Listening;
use super::log_limit::LogLimit;
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
    log: LogLimit,
}

impl Publishing {
    pub(super) fn new(local_addr: SocketAddr) -> Self {
        let instance = format!("{:016x}", random_seed());
        let (publications, log) = (Vec::new(), LogLimit::default());
        Self { local_addr, instance, publications, publisher: None, log }
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
            let listens_on = listens_on(offer, self.local_addr, &sockets);
            if listens_on.is_empty() {
                continue;
            }
            let one = Published { publication: self.marked(publication), listens_on };
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

    /// Whether it has begun to announce, and has to say goodbye.
    #[cfg(feature = "tokio")]
    pub(super) fn is_begun(&self) -> bool {
        self.publisher.is_some()
    }

    /// Does what is due, and tells what came of announcing.
    pub(super) fn turn(&mut self, now: Instant, shared: &Shared) {
        let Some(publisher) = &mut self.publisher else { return };
        if publisher.poll_timeout().is_some_and(|due| due <= now) {
            publisher.handle_timeout(now);
        }
        publisher.look_after(now);
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
                    let (before, after) = told_apart(&from, &to);
                    tracing::warn!(
                        "another host is called {before:?}; announcing as {after:?} instead"
                    );
                    shared.tell(|| Notice::Renamed {
                        before: from.instance,
                        host_before: local(&from.host),
                        name: to.instance,
                        host: local(&to.host),
                    });
                }
                PublishEvent::Failed { interface, why } => {
                    tracing::warn!("not announced on {interface}, trying again: {why}");
                    shared.tell(|| Notice::NotAnnounced { interface, why });
                }
                PublishEvent::Flooded { interface } => {
                    if let Some(held_back) = self.log.admit(now) {
                        tracing::warn!(
                            held_back,
                            "multicast DNS brings more records than any network has on {interface}; \
                             they are forgotten, and what is announced there is announced again"
                        );
                    }
                }
                _ => {}
            }
        }
    }
}

fn local(host: &str) -> String {
    format!("{host}.local")
}

/// What differs between two names: that of the server, or of its host.
fn told_apart(from: &PublishedName, to: &PublishedName) -> (String, String) {
    match from.instance == to.instance {
        true => (local(&from.host), local(&to.host)),
        false => (from.instance.clone(), to.instance.clone()),
    }
}

const ANY_V4: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
const ANY_V6: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// Where the service of an offer is reached: addresses, of which `0.0.0.0` and `::` are all of their
/// family; none if no other host reaches what listens for it. Where nothing does yet, or nobody knows, it
/// is believed.
fn listens_on(offer: &Offer, local_addr: SocketAddr, sockets: &[ListeningSocket]) -> Vec<IpAddr> {
    let mut heard: Vec<IpAddr> = match (sockets.is_empty(), offer.listener) {
        (true, ListenerRule::At(address)) if address == ANY_V4 => vec![ANY_V4],
        (true, _) => vec![ANY_V4, ANY_V6],
        (false, _) => sockets.iter().flat_map(accepts_on).collect(),
    };
    heard.retain(|address| offer.families.has(Family::of(*address)));
    let specific = |address: IpAddr| Some(address).filter(|address| !address.is_unspecified());
    let told = match (offer.advertise, offer.listener) {
        (Advertise::Address(address), _) => Some(address),
        (_, ListenerRule::At(address)) => specific(address),
        _ => None,
    };
    let bound = || {
        let is_anywhere = heard.iter().any(IpAddr::is_unspecified);
        offer.bound.or(specific(local_addr.ip())).filter(|_| is_anywhere)
    };
    if let Some(only) = told.or_else(bound) {
        let is_heard = heard.iter().any(|address| address.is_ipv4() == only.is_ipv4());
        return Some(only).filter(|_| is_heard).into_iter().collect();
    }
    // The system lists sockets in any order, and they are compared with those of the last time.
    heard.sort_unstable();
    heard.dedup();
    heard
}

/// The addresses at which other hosts can connect to the socket.
fn accepts_on(socket: &ListeningSocket) -> Vec<IpAddr> {
    match socket.address.to_canonical() {
        address if address.is_loopback() => vec![],
        address if address == ANY_V6 && !socket.only_v6 => vec![ANY_V4, ANY_V6],
        address => vec![address],
    }
}

#[cfg(test)]
mod tests {
    use cooee_core::announced::{PublishedService, Txt};

    use super::*;

    /// Where an offer is announced whose port these sockets listen on; those after `v6:` over IPv6 alone.
    fn at(offer: &Offer, bound: &str, sockets: &[&str]) -> String {
        let socket = |text: &&str| ListeningSocket {
            address: text.trim_start_matches("v6:").parse().unwrap(),
            only_v6: text.starts_with("v6:"),
        };
        let sockets: Vec<_> = sockets.iter().map(socket).collect();
        let addresses = listens_on(offer, SocketAddr::new(bound.parse().unwrap(), 9999), &sockets);
        addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_listens_on_one_address_is_announced_there_alone() {
        let told = |listener: ListenerRule, advertise: Advertise, bound: &str| {
            at(&Offer { listener, advertise, ..Offer::default() }, bound, &[])
        };
        let lan: IpAddr = [192, 168, 1, 7].into();
        let (auto, advertised) = (Advertise::Auto, Advertise::Address(lan));
        assert_eq!(told(ListenerRule::NotRequired, auto, "0.0.0.0"), "0.0.0.0 ::");
        assert_eq!(told(ListenerRule::At(lan), auto, "0.0.0.0"), "192.168.1.7");
        assert_eq!(told(ListenerRule::At(ANY_V4), auto, "0.0.0.0"), "0.0.0.0");
        assert_eq!(told(ListenerRule::OnPort, advertised, "0.0.0.0"), "192.168.1.7");
        assert_eq!(told(ListenerRule::NotRequired, auto, "127.0.0.1"), "127.0.0.1");
    }

    #[test]
    fn what_listens_over_ipv4_alone_has_no_ipv6_address() {
        let offer = Offer { listener: ListenerRule::OnPort, ..Offer::default() };
        for (sockets, announced) in [
            (vec![], "0.0.0.0 ::"),
            (vec!["0.0.0.0"], "0.0.0.0"),
            (vec!["::"], "0.0.0.0 ::"),
            (vec!["v6:::"], "::"),
            (vec!["0.0.0.0", "v6:::"], "0.0.0.0 ::"),
            (vec!["127.0.0.1"], ""),
            (vec!["192.168.1.7"], "192.168.1.7"),
        ] {
            assert_eq!(at(&offer, "0.0.0.0", &sockets), announced, "{sockets:?}");
        }
    }

    #[test]
    fn what_listens_on_some_addresses_is_announced_at_those() {
        let offer = Offer { listener: ListenerRule::OnPort, ..Offer::default() };
        for (sockets, announced) in [
            (vec!["10.0.0.9", "10.0.0.1"], "10.0.0.1 10.0.0.9"),
            (vec!["127.0.0.1", "10.0.0.1", "10.0.0.1"], "10.0.0.1"),
            (vec!["10.0.0.1", "fe80::1"], "10.0.0.1 fe80::1"),
            (vec!["10.0.0.1", "v6:::"], "10.0.0.1 ::"),
        ] {
            assert_eq!(at(&offer, "0.0.0.0", &sockets), announced, "{sockets:?}");
        }
        // A server that answers on one address does not tell of what is at two others.
        assert_eq!(at(&offer, "10.0.0.1", &["0.0.0.0"]), "10.0.0.1");
        assert_eq!(at(&offer, "10.0.0.1", &["10.0.0.1", "10.0.0.9"]), "10.0.0.1 10.0.0.9");
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
