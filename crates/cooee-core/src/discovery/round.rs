//! What goes out in one round: a probe to each target, then the sweep at its pace.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::time::Instant;

use bytes::Bytes;
use ipnet::Ipv4Net;

use super::Target;
use crate::{DiscoveryConfig, Transmit, limits};

#[derive(Debug)]
pub(super) struct Round {
    probe: Bytes,
    targets: Vec<Target>,
    sweep: Vec<Ipv4Net>,
    port: u16,
    stage: Stage,
    transmits: VecDeque<Transmit>,
}

#[derive(Debug)]
enum Stage {
    /// All of the round is out, or no round has begun.
    Complete,
    /// The targets are still to be called.
    Begun,
    /// The sweep is at the `position`th of its addresses.
    Sweeping { position: usize, next_at: Instant },
}

impl Round {
    /// How many addresses of a sweep may be made up for at once after a late wake-up.
    const CATCH_UP: u32 = 8;

    pub(super) fn new(config: &DiscoveryConfig, targets: Vec<Target>) -> Self {
        Self {
            probe: config.classic.probe(),
            targets,
            sweep: config.sweep.clone(),
            port: config.port,
            stage: Stage::Complete,
            transmits: VecDeque::new(),
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        matches!(self.stage, Stage::Complete)
    }

    pub(super) fn begin(&mut self) {
        self.stage = Stage::Begun;
    }

    pub(super) fn abandon(&mut self) {
        self.stage = Stage::Complete;
        self.transmits.clear();
    }

    /// Queues what is due at `now`. Whether the round became complete by it.
    pub(super) fn advance(&mut self, now: Instant) -> bool {
        match self.stage {
            Stage::Complete => return false,
            Stage::Begun => {
                self.transmits.extend(self.targets.iter().map(|target| Transmit {
                    destination: target.destination.into(),
                    source: target.source.map(IpAddr::V4),
                    interface: target.interface,
                    payload: self.probe.clone(),
                }));
                self.stage = Stage::Sweeping { position: 0, next_at: now };
            }
            Stage::Sweeping { .. } => {}
        }
        self.sweep_on(now);
        self.is_complete()
    }

    fn sweep_on(&mut self, now: Instant) {
        let Stage::Sweeping { mut position, mut next_at } = self.stage else { return };
        if let Some(earliest) = now.checked_sub(limits::SWEEP_PACE * Self::CATCH_UP) {
            next_at = next_at.max(earliest);
        }
        while next_at <= now {
            let Some(address) = nth_host(&self.sweep, position) else {
                self.stage = Stage::Complete;
                return;
            };
            self.transmits.push_back(Transmit {
                destination: SocketAddrV4::new(address, self.port).into(),
                source: None,
                interface: None,
                payload: self.probe.clone(),
            });
            position += 1;
            next_at += limits::SWEEP_PACE;
        }
        self.stage = Stage::Sweeping { position, next_at };
    }

    pub(super) fn next_address_at(&self) -> Option<Instant> {
        match self.stage {
            Stage::Sweeping { next_at, .. } => Some(next_at),
            Stage::Complete | Stage::Begun => None,
        }
    }

    pub(super) fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }
}

/// The `n`th host address of the networks taken together.
fn nth_host(nets: &[Ipv4Net], mut n: usize) -> Option<Ipv4Addr> {
    for net in nets {
        let all = 1_usize << (32 - net.prefix_len());
        let (first, hosts) = if net.prefix_len() < 31 { (1, all - 2) } else { (0, all) };
        if n < hosts {
            let offset = u32::try_from(first + n).ok()?;
            return Some(Ipv4Addr::from_bits(net.network().to_bits() + offset));
        }
        n -= hosts;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweeps_call_hosts_only() {
        let nets: Vec<Ipv4Net> = ["10.0.0.0/30", "10.1.0.5/32", "10.2.0.0/31"]
            .iter()
            .map(|net| net.parse().expect("a network"))
            .collect();
        let all: Vec<_> = (0..).map_while(|n| nth_host(&nets, n)).collect();
        let expected = ["10.0.0.1", "10.0.0.2", "10.1.0.5", "10.2.0.0", "10.2.0.1"];
        assert_eq!(all, expected.map(|a| a.parse::<Ipv4Addr>().expect("an address")));
    }
}
