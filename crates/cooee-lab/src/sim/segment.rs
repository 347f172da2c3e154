use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::event::Port;

/// A broadcast domain of a [`Network`](super::Network).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Segment(pub(super) usize);

/// A segment's network and who is attached. The `n`th member has the `n`th host address.
#[derive(Debug)]
pub(super) struct Members {
    net: Ipv4Net,
    ports: Vec<Port>,
}

impl Members {
    pub(super) fn new(net: Ipv4Net) -> Self {
        Self { net: net.trunc(), ports: Vec::new() }
    }

    pub(super) fn join(&mut self, port: Port) -> Ipv4Net {
        let offset = u32::try_from(self.ports.len() + 1).expect("a segment has under 2^32 hosts");
        let address = Ipv4Addr::from_bits(self.net.network().to_bits() + offset);
        assert!(address < self.net.broadcast(), "{} has no room for another host", self.net);
        self.ports.push(port);
        Ipv4Net::new(address, self.net.prefix_len()).expect("the prefix length is a network's")
    }

    pub(super) fn contains(&self, address: Ipv4Addr) -> bool {
        self.net.contains(&address)
    }

    pub(super) fn broadcast(&self) -> Ipv4Addr {
        self.net.broadcast()
    }

    pub(super) fn ports(&self) -> &[Port] {
        &self.ports
    }

    pub(super) fn owner(&self, address: Ipv4Addr) -> Option<Port> {
        let offset = address.to_bits().checked_sub(self.net.network().to_bits() + 1)?;
        self.ports.get(offset as usize).copied()
    }
}
