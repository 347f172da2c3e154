use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cooee_core::{Datagram, Transmit};
use ipnet::Ipv4Net;
use rand::RngExt;
use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;

use crate::sim::node::{Node, Setting};

/// A sender of one datagram over and over, each from a forged source.
#[derive(Debug)]
pub struct Flood {
    rng: Pcg32,
    target: SocketAddr,
    payload: Bytes,
    sources: Ipv4Net,
    pace: Duration,
    next_at: Instant,
    due: u32,
}

impl Flood {
    const PORT: u16 = 6666;

    /// A flood of `per_second` datagrams to `target`, from random addresses of `sources`.
    pub fn new(
        target: SocketAddr,
        payload: Bytes,
        sources: Ipv4Net,
        per_second: u32,
        host: Setting<'_>,
    ) -> Self {
        Self {
            rng: Pcg32::seed_from_u64(host.seed),
            target,
            payload,
            sources,
            pace: Duration::from_secs(1) / per_second.max(1),
            next_at: host.now,
            due: 0,
        }
    }
}

impl Node for Flood {
    fn port(&self) -> u16 {
        Self::PORT
    }

    fn handle_datagram(&mut self, _now: Instant, _datagram: &Datagram<'_>) {}

    fn handle_timeout(&mut self, now: Instant) {
        while self.next_at <= now {
            self.due += 1;
            self.next_at += self.pace;
        }
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.due = self.due.checked_sub(1)?;
        let (first, last) = (self.sources.network().to_bits(), self.sources.broadcast().to_bits());
        let source = Ipv4Addr::from_bits(self.rng.random_range(first..=last));
        Some(Transmit {
            socket: cooee_core::SocketId::default(),
            destination: self.target,
            source: Some(IpAddr::V4(source)),
            interface: None,
            payload: self.payload.clone(),
        })
    }

    fn poll_timeout(&self) -> Option<Instant> {
        Some(self.next_at)
    }
}
