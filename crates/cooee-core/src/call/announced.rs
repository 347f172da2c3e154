//! What the engine makes of instances that a browser hears of.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use tracing::debug;

use super::DiscoveryEngine;
use super::named::Named;
use super::outcome::Ended;
use super::record::{Answer, Judged, Trust};
use super::servers::Instance;
use crate::announced::{Announced, AnnouncedAddress, Announcement, ServiceType};
use crate::wire::{Family, Protocol};

impl DiscoveryEngine {
    /// Takes what a browser of DNS-SD heard: of `_cooee._udp`, a server that is one with those that
    /// answer probes from one of its addresses with one of its ports; of any other type, a server of
    /// its own.
    ///
    /// What only DNS-SD tells of is unverified, and neither expected nor waited for, unless
    /// [nothing is probed](crate::DiscoveryConfig::probes). An instance that is gone again stays.
    pub fn handle_announcement(&mut self, now: Instant, news: &Announcement) {
        let (Announcement::Found(announced) | Announcement::Changed(announced)) = news else {
            return;
        };
        if self.ended.is_some() {
            return;
        }
        let Some(named) = Named::of(announced) else { return };
        let mut any = false;
        let links = self.links_of(announced);
        let listed: Vec<u32> = links.iter().map(|(interface, _)| *interface).collect();
        for (interface, addresses) in links {
            let answers = self.answers(&named, announced.port, &addresses);
            let is_ours = announced.service == ServiceType::cooee();
            let key = (announced.key(), interface);
            let instance = Instance { key, named: &named, answers: &answers, is_ours };
            match self.servers.announce(&instance, &self.own.nets) {
                Ok(is_first) => any |= is_first,
                Err(why) => self.tally.refusals.count(why),
            }
        }
        self.servers.leave_other_links(&announced.key(), &listed);
        if any {
            debug!(name = named.name, host = named.hostname, "a server was announced");
            if !self.config.probes {
                self.settle.note_news(now, Duration::ZERO);
            }
        }
        if self.is_satisfied() {
            self.end(Ended::First, now);
        }
    }

    /// The addresses, those that can be reached most likely first: of one server, but where there are
    /// only link-local ones, which say nothing of whether two links have one server.
    fn links_of(&self, announced: &Announced) -> Vec<(u32, Vec<AnnouncedAddress>)> {
        let mut addresses = announced.addresses.clone();
        addresses.retain(|address| self.config.speaks(Family::of(address.ip)));
        addresses.sort_by_key(|address| self.distance(address));
        if addresses.is_empty() {
            return Vec::new();
        }
        let is_link_local =
            |it: &AnnouncedAddress| matches!(it.ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        if !addresses.iter().all(is_link_local) {
            return vec![(0, addresses)];
        }
        let mut links: Vec<(u32, Vec<AnnouncedAddress>)> = Vec::new();
        for address in addresses {
            let interface = address.interface.unwrap_or_default();
            match links.iter_mut().find(|(of, _)| *of == interface) {
                Some((_, of_link)) => of_link.push(address),
                None => links.push((interface, vec![address])),
            }
        }
        links
    }

    /// How far away the address is: IPv4 comes first, as for answers, and an address on one of our own links
    /// before any other.
    fn distance(&self, address: &AnnouncedAddress) -> u8 {
        let is_near = self.own.nets.iter().any(|net| net.contains(&address.ip));
        let is_link_local = matches!(address.ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        match (address.ip, is_near) {
            (IpAddr::V4(_), true) => 0,
            (IpAddr::V6(_), true) if !is_link_local => 1,
            (IpAddr::V6(_), _) if is_link_local => 2,
            (IpAddr::V4(_), false) => 3,
            (IpAddr::V6(_), _) => 4,
        }
    }

    /// What the server would have answered, for each of its services and addresses.
    fn answers(
        &self,
        named: &Named,
        port: u16,
        addresses: &[AnnouncedAddress],
    ) -> Vec<Answer<'static>> {
        let answer = |service: u16, address: &AnnouncedAddress| {
            let this_host = self.own.has(address.ip, address.interface);
            let trust = Trust::Unverified;
            Answer {
                judged: Judged { ip: address.ip, trust, claimed: None, this_host },
                beside: None,
                port: service,
                source: address.with_port(port),
                interface: address.interface,
                protocol: Protocol::DnsSd,
                raw: &[],
            }
        };
        let each = named.services.iter().flat_map(|(_, service)| {
            addresses.iter().map(move |address| answer(*service, address))
        });
        each.collect()
    }
}
