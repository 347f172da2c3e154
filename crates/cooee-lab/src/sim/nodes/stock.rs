use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cooee_core::wire::Query;
use cooee_core::wire::classic::{Classic, DEFAULT_PORT, DEFAULT_SERVICE_PORT};
use cooee_core::{Datagram, Transmit};

use crate::sim::node::{Node, Setting};

/// A client that does as the stock one: calls once, and listens until the timeout.
///
/// Source: `django-udp-discovery-client` 1.0.0, but for its habit of beginning the timeout anew
/// with each datagram.
#[derive(Debug)]
pub struct StockClient {
    classic: Classic,
    deadline: Instant,
    probe: Option<Transmit>,
    over: bool,
    found: BTreeSet<SocketAddr>,
}

impl StockClient {
    const PORT: u16 = 40_001;

    /// A client that calls the first network of its host.
    pub fn new(timeout: Duration, host: Setting<'_>) -> Self {
        let classic = Classic::default();
        let net = host.interfaces.first().and_then(|i| i.ipv4().next());
        let probe = net.map(|net| Transmit {
            socket: cooee_core::SocketId::default(),
            destination: (net.broadcast(), DEFAULT_PORT).into(),
            source: None,
            interface: None,
            payload: classic.encode_query(Query::Discover),
        });
        let deadline = host.now + timeout;
        Self { classic, deadline, probe, over: false, found: BTreeSet::new() }
    }

    /// The servers found, each once.
    pub fn found(&self) -> &BTreeSet<SocketAddr> {
        &self.found
    }
}

impl Node for StockClient {
    fn port(&self) -> u16 {
        Self::PORT
    }

    fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        if self.over || now >= self.deadline {
            return;
        }
        if let Ok(answer) = self.classic.decode_reply(datagram.payload) {
            let port = answer.port.unwrap_or(DEFAULT_SERVICE_PORT);
            self.found.insert(SocketAddr::new(answer.address, port));
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.over |= now >= self.deadline;
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.probe.take()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        (!self.over).then_some(self.deadline)
    }
}
