//! Calling every address of a network, one after the other, beside the rounds.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Instant;

use bytes::Bytes;
use ipnet::Ipv4Net;

use crate::{DiscoveryConfig, Transmit, limits};

/// The passes over all addresses. The next begins when the one before is through, and its last
/// address has had time to answer.
#[derive(Debug)]
pub(super) struct Sweep {
    probe: Bytes,
    port: u16,
    nets: Vec<Ipv4Net>,
    pass: Pass,
    completed: u32,
}

#[derive(Debug, Clone, Copy)]
struct Pass {
    began: Instant,
    position: u64,
    next_at: Instant,
}

impl Sweep {
    /// How many addresses may be made up for at once after a late wake-up.
    const CATCH_UP: u32 = 8;

    pub(super) fn new(config: &DiscoveryConfig, now: Instant) -> Self {
        Self {
            probe: config.classic.probe(),
            port: config.port,
            nets: config.sweep.clone(),
            pass: Pass { began: now, position: 0, next_at: now },
            completed: 0,
        }
    }

    pub(super) fn is_wanted(&self) -> bool {
        !self.nets.is_empty()
    }

    pub(super) fn covers(&self, address: Ipv4Addr) -> bool {
        self.nets.iter().any(|net| net.contains(&address))
    }

    /// The number of the pass that goes on, from 1.
    pub(super) fn pass(&self) -> u32 {
        self.completed + 1
    }

    /// How many passes are through.
    pub(super) fn completed(&self) -> u32 {
        self.completed
    }

    /// About when this pass called `address`; the beginning of the pass, if it has not yet.
    pub(super) fn called_at(&self, address: Ipv4Addr) -> Instant {
        let position = position_of(&self.nets, address).filter(|&at| at < self.pass.position);
        let steps = position.and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
        self.pass.began + limits::SWEEP_PACE * steps
    }

    pub(super) fn next_at(&self) -> Option<Instant> {
        self.is_wanted().then_some(self.pass.next_at)
    }

    /// The calls that are due at `now`. Sets `through` when they end a pass.
    pub(super) fn advance(&mut self, now: Instant, through: &mut bool) -> Vec<Transmit> {
        let mut due = Vec::new();
        if !self.is_wanted() {
            return due;
        }
        if let Some(earliest) = now.checked_sub(limits::SWEEP_PACE * Self::CATCH_UP) {
            self.pass.next_at = self.pass.next_at.max(earliest);
        }
        while self.pass.next_at <= now {
            let Some(address) = nth_host(&self.nets, self.pass.position) else {
                self.completed += 1;
                let next_at = now + limits::SWEEP_PAUSE;
                self.pass = Pass { began: next_at, position: 0, next_at };
                *through = true;
                break;
            };
            due.push(Transmit {
                destination: SocketAddrV4::new(address, self.port).into(),
                source: None,
                interface: None,
                payload: self.probe.clone(),
            });
            self.pass.position += 1;
            self.pass.next_at += limits::SWEEP_PACE;
        }
        due
    }
}

/// How many addresses of a network are called: all but its own and its broadcast address.
fn hosts(net: Ipv4Net) -> (u64, u64) {
    let all = 1_u64 << (32 - net.prefix_len());
    if net.prefix_len() < 31 { (1, all - 2) } else { (0, all) }
}

/// The `n`th host address of the networks taken together.
fn nth_host(nets: &[Ipv4Net], mut n: u64) -> Option<Ipv4Addr> {
    for &net in nets {
        let (first, count) = hosts(net);
        if n < count {
            let offset = u32::try_from(first + n).ok()?;
            return Some(Ipv4Addr::from_bits(net.network().to_bits() + offset));
        }
        n -= count;
    }
    None
}

/// Which host address of the networks taken together `address` is, the first time it is called.
fn position_of(nets: &[Ipv4Net], address: Ipv4Addr) -> Option<u64> {
    let mut before = 0;
    for &net in nets {
        let (first, count) = hosts(net);
        if net.contains(&address) {
            let offset = u64::from(address.to_bits() - net.network().to_bits());
            return offset.checked_sub(first).map(|n| before + n);
        }
        before += count;
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
        for (n, address) in all.into_iter().enumerate() {
            assert_eq!(position_of(&nets, address), Some(n as u64));
        }
    }
}
