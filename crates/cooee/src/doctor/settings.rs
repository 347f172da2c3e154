use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use cooee_core::finding::{Connection, Evidence, Firewall, NeighbourSeen, PortUse, diagnose};
use cooee_core::interface::Interface;
use cooee_udp::Neighbours;

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
        mut at: impl FnMut(Stage),
    ) -> Result<Checkup, DiscoverError> {
        let interfaces =
            crate::interfaces().map_err(DiscoverError::system("listing the interfaces"))?;
        let limit = Limit::new(stop, self.time);
        let mut begun = None;
        let mut at = |stage| {
            if limit.goes_on() {
                begun = Some(stage);
                at(stage);
            }
        };
        let before = resolved(&interfaces);
        at(Stage::Discovery);
        let (mut evidence, servers) = self.discover(&interfaces, limit)?;
        evidence.neighbours = seen_since(&before, &interfaces);
        at(Stage::Surroundings);
        look(limit, &mut evidence, surroundings::look);
        at(Stage::OwnCalls);
        let used: Vec<_> = used(&evidence).cloned().collect();
        match limit.within(move || own_call::call_all(&used)) {
            Some(Ok(calls)) => evidence.trials.own_calls = calls,
            Some(Err(error)) => tracing::debug!(%error, "this host cannot call itself"),
            None => {}
        }
        at(Stage::SharedAddresses);
        let (wanted, end) = (self.wanted(&servers), limit.end());
        look(limit, &mut evidence, move |evidence| twins::look(evidence, &wanted, end));
        at(Stage::Services);
        let prefix_len = self.discovery.prefix_len();
        evidence.trials.services = services::try_all(&servers, prefix_len, limit);
        at(Stage::Exchange);
        let (peers, on) = (self.peers_of(&servers), interfaces.clone());
        let answer: Vec<_> = servers.iter().flat_map(Server::heard_at).collect();
        match limit.within(move || exchange::with_all(&peers, &on, &answer)) {
            Some(Ok(exchanges)) => evidence.trials.exchanges = exchanges,
            Some(Err(error)) => tracing::debug!(%error, "no test calls"),
            None => {}
        }
        let left_out = left_out(limit, begun);
        let stopped = !left_out.is_empty() && limit.is_stopped();
        let timed_out = !left_out.is_empty() && !stopped;
        let findings = diagnose(&evidence);
        let healthy = in_order(&evidence, &servers);
        Ok(Checkup { findings, healthy, servers, interfaces, stopped, timed_out, left_out })
    }

    fn discover(
        &self,
        interfaces: &[Interface],
        limit: Limit<'_>,
    ) -> Result<(Evidence, Vec<Server>), DiscoverError> {
        let mut discovery = self.discovery.clone().timeout(Self::DISCOVERY).wait(Wait::Settled);
        let port = self.discovery.evidence(interfaces).port;
        for peer in &self.peers {
            discovery = discovery.host(host(*peer, port, interfaces));
        }
        if !limit.goes_on() {
            return Ok((discovery.evidence(interfaces), Vec::new()));
        }
        let mut running = match discovery.servers() {
            Ok(running) => running,
            Err(DiscoverError::NoInterface { .. } | DiscoverError::Unsent { .. }) => {
                return Ok((discovery.evidence(interfaces), Vec::new()));
            }
            Err(error) => return Err(error),
        };
        let end = Instant::now() + Self::DISCOVERY + Duration::from_secs(1);
        while limit.goes_on() && Instant::now() < end {
            if running.next_within(Self::SLICE) == Next::Over {
                break;
            }
        }
        let found = running.finish();
        Ok((found.evidence.clone(), found.into_iter().collect()))
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

/// Adds what a stage sees, which may block, unless it is not through in time.
fn look(
    limit: Limit<'_>,
    evidence: &mut Evidence,
    stage: impl FnOnce(&mut Evidence) + Send + 'static,
) {
    let mut known = evidence.clone();
    let seen = limit.within(move || {
        stage(&mut known);
        known
    });
    if let Some(seen) = seen {
        *evidence = seen;
    }
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

/// The stages that an examination that has ended early did not finish.
fn left_out(limit: Limit<'_>, begun: Option<Stage>) -> Vec<Stage> {
    if limit.goes_on() {
        return Vec::new();
    }
    let at = Stage::ALL.iter().position(|stage| Some(*stage) == begun);
    Stage::ALL[at.unwrap_or_default()..].to_vec()
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
