//! A node that does as it is told, and the networks that it is tried in.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cooee_core::{Datagram, Transmit};
use cooee_lab::sim::{Handle, Link, Network, Node, Segment, Setting};

pub(crate) const PORT: u16 = 9;
pub(crate) const MS: Duration = Duration::from_millis(1);

/// Sends what it is told to, and keeps what it hears.
#[derive(Default)]
pub(crate) struct Ear {
    pub(crate) sends: Vec<Transmit>,
    pub(crate) heard: Vec<(Instant, SocketAddr, Option<u32>, u8)>,
    pub(crate) drops: Vec<u64>,
    pub(crate) wakes: Vec<Instant>,
    pub(crate) woken: Vec<Instant>,
    pub(crate) work: Vec<Duration>,
    pub(crate) unsent: Vec<u8>,
    pub(crate) asks: Vec<(IpAddr, u32)>,
    pub(crate) told: Vec<(IpAddr, bool)>,
}

impl Node for Ear {
    fn port(&self) -> u16 {
        PORT
    }

    fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        let first = datagram.payload.first().copied().unwrap_or_default();
        self.heard.push((now, datagram.source, datagram.interface, first));
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.woken.push(now);
        self.wakes.retain(|&at| at > now);
    }

    fn handle_drops(&mut self, total: u64) {
        self.drops.push(total);
    }

    fn wants_neighbour(&mut self, _now: Instant) -> Option<(IpAddr, u32)> {
        self.asks.pop()
    }

    fn handle_neighbour(&mut self, _: Instant, address: IpAddr, resolved: bool) {
        self.told.push((address, resolved));
    }

    fn handle_unsent(&mut self, _: Instant, transmit: Transmit) {
        self.unsent.push(transmit.payload[0]);
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.sends.pop()
    }

    fn poll_work(&mut self) -> Option<Duration> {
        self.work.pop()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.wakes.iter().min().copied()
    }
}

pub(crate) fn ear(_: Setting<'_>) -> Ear {
    Ear::default()
}

pub(crate) fn segment(network: &mut Network, net: &str) -> Segment {
    network.segment(net.parse().unwrap())
}

pub(crate) fn pair(seed: u64, link: Link) -> (Network, Handle<Ear>, Handle<Ear>) {
    let mut network = Network::new(seed);
    let segment = segment(&mut network, "10.0.0.0/24");
    let sender = network.attach(segment, Link::default(), ear);
    let hearer = network.attach(segment, link, ear);
    (network, sender, hearer)
}

pub(crate) fn transmit(destination: SocketAddr, byte: u8) -> Transmit {
    let payload = Bytes::copy_from_slice(&[byte]);
    Transmit::new(destination, payload)
}

pub(crate) fn send(network: &mut Network, from: Handle<Ear>, to: &str, byte: u8) {
    send_from(network, from, None, to, byte);
}

/// Sends by an interface.
pub(crate) fn send_from(
    network: &mut Network,
    from: Handle<Ear>,
    interface: Option<u32>,
    to: &str,
    byte: u8,
) {
    let destination = SocketAddr::new(to.parse().unwrap(), PORT);
    let transmit = Transmit { interface, ..transmit(destination, byte) };
    network.act(from, |ear, _| ear.sends.push(transmit));
}

pub(crate) fn bytes_heard(network: &Network, of: Handle<Ear>) -> Vec<u8> {
    network[of].heard.iter().map(|&(.., byte)| byte).collect()
}
