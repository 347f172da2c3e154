use std::time::{Duration, Instant};

use cooee_core::interface::Selection;
use cooee_core::{
    ConfigError, Datagram, DiscoveryConfig, PresenceEngine, PresenceEvent, SocketId, Transmit,
    Unsent, broadcast_targets,
};

use crate::sim::Socket;
use crate::sim::node::{Node, Setting};

/// A [`PresenceEngine`] that watches every interface of its host, over IPv4.
#[derive(Debug)]
pub struct Watcher {
    watch: PresenceEngine,
    start: Instant,
    events: Vec<(Duration, PresenceEvent)>,
    sent: u64,
}

impl Watcher {
    const PORT: u16 = 40_000;
    const APART: u16 = 40_001;

    /// A watch that calls the broadcast address of each interface.
    ///
    /// # Errors
    /// What in `config` cannot work.
    pub fn new(config: DiscoveryConfig, host: Setting<'_>) -> Result<Self, ConfigError> {
        let targets = broadcast_targets(host.interfaces, &Selection::default(), config.port);
        let watch = PresenceEngine::new(config, targets, host.interfaces, host.seed, host.now)?;
        Ok(Self { watch, start: host.now, events: Vec::new(), sent: 0 })
    }

    /// The state machine.
    pub fn watch(&self) -> &PresenceEngine {
        &self.watch
    }

    /// What was told, and how long after the start.
    pub fn events(&self) -> &[(Duration, PresenceEvent)] {
        &self.events
    }

    /// How many probes were sent.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    fn take_events(&mut self, now: Instant) {
        let at = now - self.start;
        self.events.extend(std::iter::from_fn(|| self.watch.poll_event()).map(|it| (at, it)));
    }
}

impl Node for Watcher {
    fn port(&self) -> u16 {
        Self::PORT
    }

    fn sockets(&self) -> Vec<Socket> {
        vec![Socket::v4(Self::PORT), Socket::v6(Self::PORT), Socket::v4(Self::APART)]
    }

    fn socket_for(&self, transmit: &Transmit) -> usize {
        match transmit.socket {
            SocketId::V6 => 1,
            SocketId::Sweep => 2,
            _ => 0,
        }
    }

    fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        self.watch.handle_datagram(now, datagram);
        self.take_events(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.watch.handle_timeout(now);
        self.take_events(now);
    }

    fn handle_unsent(&mut self, now: Instant, transmit: Transmit) {
        self.watch.handle_unsent(now, &transmit, Unsent::NoRoom);
    }

    fn handle_drops(&mut self, total: u64) {
        self.watch.handle_drops(total);
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        let transmit = self.watch.poll_transmit();
        self.sent += u64::from(transmit.is_some());
        transmit
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.watch.poll_timeout()
    }
}
