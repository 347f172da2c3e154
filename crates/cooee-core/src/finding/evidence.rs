use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::firewall::Firewall;
use super::trials::Trials;
use crate::interface::{Interface, Selection};
use crate::wire::{Families, Family};
use crate::{DiscoveryConfig, Host, Outcome};

/// What was seen of a host and its networks. What is not known is left at its default.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Evidence {
    /// The port that servers listen on.
    pub port: u16,
    /// The interfaces of this host.
    pub interfaces: Vec<Interface>,
    /// Which of them were to be used.
    pub selection: Selection,
    /// Over which families servers were probed.
    pub families: Families,
    /// The hosts that were named.
    pub hosts: Vec<Host>,
    /// The named hosts that no route leads to.
    pub unrouted: Vec<String>,
    /// The addresses that a firewall refused probes for, by ICMP.
    pub prohibited: Vec<IpAddr>,
    /// The addresses that the system refused to send to in the way in which it refuses a program that
    /// it keeps from the local network (macOS; always empty elsewhere).
    pub withheld: Vec<IpAddr>,
    /// The servers that answered when their own address was called, and not to a broadcast.
    pub only_by_unicast: Vec<IpAddr>,
    /// How a discovery went that found nobody, or too few.
    pub outcome: Option<Outcome>,
    /// The routers of the default routes; `None` where they are unknown.
    pub gateways: Option<Vec<Gateway>>,
    /// The networks, other than the default, that routes lead to through a router.
    pub routes: Vec<IpNet>,
    /// The hosts on this host's links whose link addresses are known.
    pub neighbours: Vec<NeighbourSeen>,
    /// The addresses that more than one host uses.
    pub shared: Vec<SharedAddress>,
    /// Who has the port on this host.
    pub port_use: PortUse,
    /// Whether names are to be announced or found by multicast DNS, so that its port matters.
    pub uses_mdns: bool,
    /// Whether a program keeps the port of multicast DNS for itself.
    pub mdns_port: Option<PortKept>,
    /// The firewall of this host, as far as it is known.
    pub firewall: Option<Firewall>,
    /// What is known of a server on this host, if one is to be judged.
    pub serving: Serving,
    /// What a doctor has tried.
    pub trials: Trials,
}

impl Evidence {
    /// Nothing is known but the port and the interfaces.
    pub fn new(port: u16, interfaces: Vec<Interface>) -> Self {
        Self { port, interfaces, ..Self::default() }
    }

    /// What a discovery with these settings is to be judged by.
    pub fn of(config: &DiscoveryConfig, interfaces: Vec<Interface>, selection: Selection) -> Self {
        let hosts = config.hosts.clone();
        let families = config.families;
        Self { selection, families, hosts, ..Self::new(config.port, interfaces) }
    }

    /// Takes how the discovery went, and the addresses of the named hosts that it looked up.
    pub fn note_outcome(&mut self, outcome: Outcome) {
        for found in &outcome.looked_up {
            let named = self.hosts.iter_mut().filter(|host| host.name == found.name);
            named.for_each(|host| host.addresses.clone_from(&found.addresses));
        }
        self.outcome = Some(outcome);
    }

    /// What is known of the firewall for the family in question: where that is IPv6, what concerns
    /// IPv4 alone says nothing.
    pub fn known_firewall(&self) -> Option<&Firewall> {
        let heard = &self.only_by_unicast;
        let is_v6 = if heard.is_empty() {
            !self.families.has(Family::V4)
        } else {
            heard.iter().all(IpAddr::is_ipv6)
        };
        self.firewall.as_ref().filter(|firewall| !is_v6 || firewall.concerns_ipv6())
    }

    /// The family to judge interfaces by: IPv4 where it is used, which servers of the stock protocol
    /// need.
    pub(super) fn judged_family(&self) -> Families {
        if self.families.has(Family::V4) { Families::V4 } else { Families::V6 }
    }

    /// The port that a named host was probed at.
    pub(super) fn port_of(&self, name: &str) -> u16 {
        let mut named = self.hosts.iter().filter(|host| host.name == name);
        let address = named.find_map(|host| host.addresses.first());
        address.map_or(self.port, SocketAddr::port)
    }

    /// The port that an address was probed at.
    pub(super) fn port_at(&self, ip: IpAddr) -> u16 {
        let mut named = self.hosts.iter().flat_map(|host| &host.addresses);
        named.find(|address| address.ip() == ip).map_or(self.port, SocketAddr::port)
    }
}

/// A router that a default route leads through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gateway {
    /// Its address.
    pub address: IpAddr,
    /// The index of the interface that it is on.
    pub interface: u32,
}

/// A host on the link whose link address is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeighbourSeen {
    /// Its address.
    pub address: IpAddr,
    /// The index of the interface that it is on.
    pub interface: u32,
    /// Whether it turned up since the first probe: it asked for this host's link address, or this
    /// host for its.
    pub since_probe: bool,
}

/// An address that more than one host uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedAddress {
    /// The address.
    pub address: IpAddr,
    /// The link addresses seen for it, if they are known.
    pub links: Vec<String>,
}

/// Who has the port on this host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum PortUse {
    /// Not known.
    #[default]
    Unknown,
    /// Nobody.
    Free,
    /// A process that uses this library, and answers.
    Ours,
    /// Another program.
    Foreign {
        /// Which, such as `pid 4121 (python)`, if the system tells.
        owner: Option<String>,
    },
    /// A process of which the system does not tell whether it uses this library.
    Taken {
        /// Which, as for [`Foreign`](Self::Foreign).
        owner: Option<String>,
    },
}

/// A port on this host that is meant to be shared, and that one program keeps for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortKept {
    /// The families over which no other program can have it.
    pub families: Families,
    /// Which program, such as `pid 4121 (python)`, if the system tells.
    pub owner: Option<String>,
}

/// What is known of a server on this host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Serving {
    /// Whether it names a given address instead of its own.
    pub advertises: bool,
    /// Whether it answers over IPv6 too.
    pub over_v6: bool,
    /// Whether this process runs in a container.
    pub in_container: bool,
    /// A sender of datagrams of another protocol, if there was one.
    pub stranger: Option<IpAddr>,
}
