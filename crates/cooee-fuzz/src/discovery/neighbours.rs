use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use cooee_core::{NeighbourRoom, Transmit, limits};
use ipnet::IpNet;

/// The probes that went to neighbours.
#[derive(Default)]
pub(super) struct Neighbours {
    calls: BTreeMap<(SocketAddr, Option<u32>, Vec<u8>), usize>,
}

impl Neighbours {
    /// As many neighbours as the system has room for, on each of these interfaces.
    pub(super) fn resolved(room: NeighbourRoom, interfaces: &[u32]) -> Vec<(IpAddr, u32)> {
        const FIRST: u32 = 0x0a00_0000;
        let address = |n| IpAddr::from(Ipv4Addr::from_bits(FIRST + n));
        let on = |&interface| (0..room.free.min(600)).map(move |n| (address(n), interface));
        interfaces.iter().flat_map(on).collect()
    }

    /// Whether a probe is one to a neighbour: it says by which interface, and leaves the rest to
    /// the system.
    pub(super) fn is_one(transmit: &Transmit) -> bool {
        transmit.interface.is_some() && transmit.source.is_none()
    }

    pub(super) fn check(&mut self, sent: &[&Transmit], own: &[IpNet]) {
        for transmit in sent {
            let to = transmit.destination.ip();
            assert!(own.iter().any(|net| net.contains(&to) && net.addr() != to), "{to}");
            let call = (transmit.destination, transmit.interface, transmit.payload.to_vec());
            let times = self.calls.entry(call).or_default();
            *times += 1;
            assert!(*times <= 2, "{to} {times} times");
        }
        let mut protocols: BTreeMap<&[u8], usize> = BTreeMap::new();
        for ((.., payload), times) in &self.calls {
            *protocols.entry(payload).or_default() += times;
        }
        assert!(protocols.values().all(|calls| *calls <= limits::NEIGHBOUR_CALLS_MAX));
    }
}
