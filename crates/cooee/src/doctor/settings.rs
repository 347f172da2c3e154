use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use cooee_core::announced::MDNS_PORT;
use cooee_core::finding::{Connection, Evidence, Firewall, NeighbourSeen, PortUse, diagnose};
use cooee_core::interface::Interface;
use cooee_udp::Neighbours;

use super::course::Course;
use super::limit::Limit;
use super::stages::{Checkup, Stage};
use super::{exchange, own_call, services, surroundings, twins};
use crate::{DiscoverError, Discovery, HostAddress, Next, Server, Wait};

/// Examines why servers are not found, or whether everything is in order.
///
/// Takes ten seconds at most ([`within`](Self::within)). Sends what a discovery sends, datagrams to this host itself, ARP
/// requests for addresses that were found or named (with the privilege for it), and opens a TCP
/// connection to each service found.
#[derive(Debug, Clone)]
#[must_use = "nothing is examined until it is run"]
pub struct Doctor {
    discovery: Discovery,
    peers: Vec<SocketAddr>,
    time: Duration,
}

impl Default for Doctor {
    fn default() -> Self {
        Self { discovery: Discovery::default(), peers: Vec::new(), time: Self::TIME }
    }
}

impl Doctor {
    /// How long the discovery of an examination may take.
    const DISCOVERY: Duration = Duration::from_secs(3);
    /// How often to look whether it is to stop.
    const SLICE: Duration = Duration::from_millis(20);

    /// How long an examination may take.
    pub const TIME: Duration = Duration::from_secs(10);

    /// A doctor with every setting at its default.
    pub fn new() -> Self {
        Self::default()
    }

    /// End after this time at the latest, with what is known by then. Default: [`TIME`](Self::TIME).
    pub fn within(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// The discovery to examine: its port, texts, interfaces and hosts. Its timeout is not heeded.
    pub fn discovery(mut self, discovery: Discovery) -> Self {
        self.discovery = discovery;
        self
    }

    /// Examines the way to this address and port too. May be called repeatedly.
    pub fn peer(mut self, peer: impl Into<SocketAddr>) -> Self {
        self.peers.push(peer.into());
        self
    }

    /// Examines. `at` is told what is examined next. Ends within 100 ms after `stop` is set, with what
    /// the stages before have found.
    ///
    /// # Errors
    /// As [`Discovery::run`]; but not for want of a usable interface or a probe that cannot be
    /// sent, which are findings.
    pub fn examine(
        &self,
        stop: &AtomicBool,
        at: impl FnMut(Stage),
    ) -> Result<Checkup, DiscoverError> {
        let interfaces =
            crate::interfaces().map_err(DiscoverError::system("listing the interfaces"))?;
        let limit = Limit::new(stop, self.time);
        let mut course = Course::new(limit, at);
        let before = resolved(&interfaces);
        let mut seen = Ok(Seen::default());
        course.stage(Stage::Discovery, |limit| {
            seen = self.discover(&interfaces, limit);
            seen.as_ref().is_ok_and(|seen| seen.to_the_end).then_some(())
        });
        let Seen { mut evidence, servers, .. } = seen?;
        evidence.neighbours = seen_since(&before, &interfaces);
        course.stage(Stage::Surroundings, |limit| {
            look(limit, &mut evidence, |evidence| {
                surroundings::look(evidence);
                true
            })
        });
        let used: Vec<_> = used(&evidence).cloned().collect();
        let calls = course.stage(Stage::OwnCalls, |limit| {
            limit.attempt("calls to this host itself", move || own_call::call_all(&used))
        });
        evidence.trials.own_calls = calls.unwrap_or_default();
        let (wanted, end) = (self.wanted(&servers), limit.end());
        course.stage(Stage::SharedAddresses, |limit| {
            look(limit, &mut evidence, move |evidence| twins::look(evidence, &wanted, end))
        });
        let prefix_len = self.discovery.prefix_len();
        let services =
            course.stage(Stage::Services, |limit| services::try_all(&servers, prefix_len, limit));
        evidence.trials.services = services.unwrap_or_default();
        let (peers, on) = (self.peers_of(&servers), interfaces.clone());
        let answer: Vec<_> = servers.iter().flat_map(Server::heard_at).collect();
        let exchanges = course.stage(Stage::Exchange, |limit| {
            limit.attempt("test calls", move || exchange::with_all(&peers, &on, &answer))
        });
        evidence.trials.exchanges = exchanges.unwrap_or_default();
        let left_out = course.left_out();
        let stopped = !left_out.is_empty() && limit.is_stopped();
        let timed_out = !left_out.is_empty() && !stopped && !limit.goes_on();
        let findings = diagnose(&evidence);
        let healthy = in_order(&evidence, &servers);
        Ok(Checkup { findings, healthy, servers, interfaces, stopped, timed_out, left_out })
    }

    fn discover(&self, interfaces: &[Interface], limit: Limit<'_>) -> Result<Seen, DiscoverError> {
        let mut discovery =
            self.discovery.clone().examined().timeout(Self::DISCOVERY).wait(Wait::Settled);
        let port = self.discovery.evidence(interfaces).port;
        for peer in &self.peers {
            discovery = discovery.host(host(*peer, port, interfaces));
        }
        let nothing = |to_the_end| {
            let evidence = discovery.evidence(interfaces);
            Ok(Seen { evidence, servers: Vec::new(), to_the_end })
        };
        if !limit.goes_on() {
            return nothing(false);
        }
        let mut running = match discovery.servers() {
            Ok(running) => running,
            Err(DiscoverError::NoInterface { .. } | DiscoverError::Unsent { .. }) => {
                return nothing(true);
            }
            Err(error) => return Err(error),
        };
        let end = Instant::now() + Self::DISCOVERY + Duration::from_secs(1);
        let mut to_the_end = false;
        while !to_the_end && limit.goes_on() {
            let is_over = running.next_within(Self::SLICE) == Next::Over;
            to_the_end = is_over || Instant::now() >= end;
        }
        let found = running.finish();
        Ok(Seen {
            evidence: found.evidence.clone(),
            servers: found.into_iter().collect(),
            to_the_end,
        })
    }

    /// The peers to send test calls to: the named peers, and the servers that answered.
    fn peers_of(&self, servers: &[Server]) -> Vec<SocketAddr> {
        let named = self.peers.iter().copied();
        let found = servers.iter().filter(|server| !server.this_host).map(|server| server.source);
        let mut peers = Vec::new();
        for peer in named.chain(found) {
            if !peers.contains(&peer) {
                peers.push(peer);
            }
        }
        peers
    }

    /// The addresses to ask about by ARP.
    fn wanted(&self, servers: &[Server]) -> Vec<Ipv4Addr> {
        let named = self.peers.iter().map(SocketAddr::ip);
        let found = servers.iter().filter(|server| !server.this_host);
        let found = found.flat_map(|server| [server.ip, server.source.ip()]);
        let mut wanted: Vec<_> = named
            .chain(found)
            .filter_map(|ip| match ip {
                IpAddr::V4(ip) => Some(ip),
                IpAddr::V6(_) => None,
            })
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }
}

/// A peer as people name it: with its port only where that is not the discovery's, and with its zone
/// by name.
fn host(peer: SocketAddr, usual_port: u16, interfaces: &[Interface]) -> HostAddress {
    let with_zone = |ip: IpAddr, scope: u32| {
        let interface = interfaces.iter().find(|interface| interface.index == scope)?;
        let named = format!("{ip}%{}", interface.name);
        let is_usual = peer.port() == usual_port;
        let text = if is_usual { named } else { format!("[{named}]:{}", peer.port()) };
        text.parse().ok()
    };
    match peer {
        SocketAddr::V6(of) if of.scope_id() != 0 => {
            with_zone(peer.ip(), of.scope_id()).unwrap_or_else(|| peer.into())
        }
        _ if peer.port() == usual_port => peer.ip().into(),
        _ => peer.into(),
    }
}

/// What a discovery saw.
#[derive(Default)]
struct Seen {
    evidence: Evidence,
    servers: Vec<Server>,
    /// Whether it was not cut short.
    to_the_end: bool,
}

/// Adds what a stage sees, which may block, unless it is not through in time. It returns whether it
/// came to its end.
fn look(
    limit: Limit<'_>,
    evidence: &mut Evidence,
    stage: impl FnOnce(&mut Evidence) -> bool + Send + 'static,
) -> Option<()> {
    let mut known = evidence.clone();
    let (seen, to_the_end) = limit.within(move || {
        let to_the_end = stage(&mut known);
        (known, to_the_end)
    })?;
    *evidence = seen;
    to_the_end.then_some(())
}

fn used(evidence: &Evidence) -> impl Iterator<Item = &Interface> {
    evidence.interfaces.iter().filter(|i| evidence.selection.check(i).is_ok())
}

fn resolved(interfaces: &[Interface]) -> Vec<(IpAddr, u32)> {
    let all: Vec<u32> = interfaces.iter().map(|interface| interface.index).collect();
    Neighbours::new().map(|mut neighbours| neighbours.resolved(&all)).unwrap_or_default()
}

fn seen_since(before: &[(IpAddr, u32)], interfaces: &[Interface]) -> Vec<NeighbourSeen> {
    let seen = |(address, interface)| {
        let since_probe = !before.contains(&(address, interface));
        NeighbourSeen { address, interface, since_probe }
    };
    resolved(interfaces).into_iter().map(seen).collect()
}

/// Who shares the port of multicast DNS: of several, one gets what is sent to this host alone.
fn mdns_port(sharers: &[String]) -> Option<String> {
    let (last, others) = sharers.split_last()?;
    Some(if others.is_empty() {
        format!("port {MDNS_PORT}: {last} has it, and shares it")
    } else {
        format!(
            "port {MDNS_PORT}: {} and {last} share it; a query to this host alone reaches one of them",
            others.join(", ")
        )
    })
}

/// What is in order, a line each.
fn in_order(evidence: &Evidence, servers: &[Server]) -> Vec<String> {
    let mut lines = Vec::new();
    let names: Vec<_> = used(evidence).map(|i| i.name.as_str()).collect();
    if !names.is_empty() {
        lines.push(format!("interfaces: {} can be used", names.join(", ")));
    }
    match &evidence.gateways {
        Some(gateways) if gateways.is_empty() => {
            lines.push("routes: none leads out of this network".into());
        }
        Some(gateways) => {
            let routers: Vec<_> = gateways.iter().map(|g| g.address.to_string()).collect();
            lines.push(format!("routes: the default is by {}", routers.join(", ")));
        }
        None => {}
    }
    let port = evidence.port;
    match &evidence.port_use {
        PortUse::Free => lines.push(format!("port {port}: free on this host")),
        PortUse::Ours => lines.push(format!("port {port}: a server of this host has it")),
        PortUse::Taken { owner: Some(owner) } => {
            lines.push(format!("port {port}: {owner} of this host has it"));
        }
        _ => {}
    }
    lines.extend(mdns_port(&evidence.trials.mdns_sharers));
    if matches!(evidence.known_firewall(), Some(Firewall::Open)) {
        // No others are read.
        lines.push("firewall: lets answers in over IPv4".into());
    }
    let calls = evidence.trials.own_calls.iter().filter(|call| call.unicast && call.broadcast);
    let heard: Vec<_> = calls.map(|call| call.interface.as_str()).collect();
    if !heard.is_empty() {
        lines.push(format!("calls to itself: heard on {}", heard.join(", ")));
    }
    for server in servers {
        lines.push(format!("server: {} answered", server.source.ip()));
    }
    for exchange in evidence.trials.exchanges.iter().filter(|exchange| exchange.takes_part) {
        let broadcasts = exchange.hears_broadcast && exchange.answer_to_broadcast;
        let ways = match (broadcasts, exchange.peer) {
            (true, IpAddr::V4(_)) => "by unicast and by broadcast",
            (true, IpAddr::V6(_)) => "by unicast and by multicast",
            (false, _) => "by unicast",
        };
        let server = if exchange.is_server { "" } else { "; no server runs there" };
        lines.push(format!("peer: {} hears this host {ways}{server}", exchange.name()));
    }
    let services = evidence.trials.services.iter();
    for service in services.filter(|service| service.connection == Connection::Accepted) {
        lines.push(format!("service: {} accepts connections", service.address));
    }
    lines
}
