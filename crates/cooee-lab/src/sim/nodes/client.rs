use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use cooee_core::interface::{Interface, Selection};
use cooee_core::{
    ConfigError, Datagram, DiscoveryConfig, DiscoveryEngine, DiscoveryEvent, SocketId, Target,
    Transmit, Unsent, broadcast_targets, targets,
};

use crate::sim::Socket;
use crate::sim::node::{Node, Setting};

/// A [`DiscoveryEngine`] that calls on every interface of its host.
#[derive(Debug)]
pub struct Client {
    discovery: DiscoveryEngine,
    found: Vec<SocketAddr>,
    reads_neighbours: bool,
    /// Where its calls go that are for everybody.
    broadcasts: BTreeSet<IpAddr>,
    calls: BTreeMap<IpAddr, u32>,
    /// How long its caller works on each find.
    work_on_each: Duration,
    /// The work that has not begun.
    work_due: Duration,
}

impl Client {
    const PORT: u16 = 40_000;
    const SWEEP_PORT: u16 = 40_001;

    /// A discovery that calls the broadcast address of each interface.
    ///
    /// # Errors
    /// What in `config` cannot work.
    pub fn new(config: DiscoveryConfig, host: Setting<'_>) -> Result<Self, ConfigError> {
        let targets = broadcast_targets(host.interfaces, &Selection::default(), config.port);
        Self::calling(config, targets, host)
    }

    /// A discovery that calls every interface over both families, as far as `config` has them.
    ///
    /// # Errors
    /// What in `config` cannot work.
    pub fn over_both(config: DiscoveryConfig, host: Setting<'_>) -> Result<Self, ConfigError> {
        let (all, port) = (Selection::default(), config.port);
        let targets = targets(host.interfaces, &all, config.families, port);
        Self::calling(config, targets, host)
    }

    /// A discovery that calls `targets`.
    ///
    /// # Errors
    /// What in `config` cannot work.
    pub fn calling(
        config: DiscoveryConfig,
        targets: Vec<Target>,
        host: Setting<'_>,
    ) -> Result<Self, ConfigError> {
        let discovery =
            DiscoveryEngine::new(config, targets, host.interfaces, host.seed, host.now)?;
        let links = host.interfaces.iter().flat_map(Interface::ipv4);
        let directed = links.map(|net| net.broadcast());
        let broadcasts = directed.chain([Ipv4Addr::BROADCAST]).map(IpAddr::V4).collect();
        Ok(Self {
            discovery,
            found: Vec::new(),
            reads_neighbours: false,
            broadcasts,
            calls: BTreeMap::new(),
            work_on_each: Duration::ZERO,
            work_due: Duration::ZERO,
        })
    }

    /// The same discovery, for a caller who works this long on each find before it goes on.
    #[must_use]
    pub fn working(mut self, on_each: Duration) -> Self {
        self.work_on_each = on_each;
        self
    }

    /// The same discovery on a system that tells its neighbour table, which needs
    /// [`Arp`](crate::sim::Arp).
    #[must_use]
    pub fn reading_neighbours(mut self) -> Self {
        self.reads_neighbours = true;
        self
    }

    /// How often it has called each address alone.
    pub fn calls(&self) -> &BTreeMap<IpAddr, u32> {
        &self.calls
    }

    /// The state machine.
    pub fn discovery(&self) -> &DiscoveryEngine {
        &self.discovery
    }

    /// Ends the discovery early.
    pub fn stop(&mut self, now: Instant) {
        self.discovery.stop(now);
        self.take_events();
    }

    /// The servers of its `Found` events, in order.
    pub fn found(&self) -> &[SocketAddr] {
        &self.found
    }

    fn take_events(&mut self) {
        while let Some(event) = self.discovery.poll_event() {
            if let DiscoveryEvent::Found(server) = event {
                self.found.push(server.address());
                self.work_due += self.work_on_each;
            }
        }
    }
}

impl Node for Client {
    fn port(&self) -> u16 {
        Self::PORT
    }

    fn sockets(&self) -> Vec<Socket> {
        vec![Socket::v4(Self::PORT), Socket::v6(Self::PORT), Socket::v4(Self::SWEEP_PORT)]
    }

    fn socket_for(&self, transmit: &Transmit) -> usize {
        match transmit.socket {
            SocketId::V6 => 1,
            SocketId::Sweep => 2,
            _ => 0,
        }
    }

    fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        self.discovery.handle_datagram(now, datagram);
        self.take_events();
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.discovery.handle_timeout(now);
        self.take_events();
    }

    fn handle_unsent(&mut self, now: Instant, transmit: Transmit) {
        self.discovery.handle_unsent(now, &transmit, Unsent::NoRoom);
    }

    fn handle_drops(&mut self, total: u64) {
        self.discovery.handle_drops(total);
        self.take_events();
    }

    fn wants_resolved(&self, now: Instant) -> Option<Vec<u32>> {
        self.discovery.wants_resolved_neighbours(now).filter(|_| self.reads_neighbours)
    }

    fn handle_resolved(&mut self, resolved: &[(IpAddr, u32)]) {
        self.discovery.handle_resolved_neighbours(resolved);
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        let transmit = self.discovery.poll_transmit()?;
        let to = transmit.destination.ip();
        if !to.is_multicast() && !self.broadcasts.contains(&to) {
            *self.calls.entry(to).or_default() += 1;
        }
        Some(transmit)
    }

    fn poll_work(&mut self) -> Option<Duration> {
        Some(std::mem::take(&mut self.work_due)).filter(|work| !work.is_zero())
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.discovery.poll_timeout()
    }
}
