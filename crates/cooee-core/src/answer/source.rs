use std::net::SocketAddr;

use crate::mix::mix;

/// A source, as the tables of a responder tell sources apart: a number that only who knows the seed
/// can find another source for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SourceId(pub(super) u64);

/// Tells sources apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sources {
    seed: u64,
}

impl Sources {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Who asks, without the port. An IPv6 host has as many addresses in its /64 as it likes, so
    /// that counts; on our own links, where a /64 is everybody, the address and its scope do.
    pub(super) fn host(&self, source: SocketAddr, on_link: bool) -> SourceId {
        match source {
            SocketAddr::V4(source) => SourceId(mix(self.seed ^ u64::from(source.ip().to_bits()))),
            SocketAddr::V6(source) => {
                let bits = source.ip().to_bits();
                let network = (bits >> 64) as u64;
                if on_link || source.ip().is_unicast_link_local() {
                    let scoped = self.pair(network, bits as u64);
                    SourceId(mix(scoped.0 ^ u64::from(source.scope_id())))
                } else {
                    self.pair(network, 0)
                }
            }
        }
    }

    /// Who asks, to the port: what is alike in the copies of one probe. The scope is not, since it
    /// is that of the interface.
    pub(super) fn probe(&self, source: SocketAddr) -> SourceId {
        let port = u64::from(source.port()) << 32;
        match source {
            SocketAddr::V4(source) => {
                SourceId(mix(self.seed ^ port ^ u64::from(source.ip().to_bits())))
            }
            SocketAddr::V6(source) => {
                let bits = source.ip().to_bits();
                let address = self.pair((bits >> 64) as u64, bits as u64);
                SourceId(mix(address.0 ^ port))
            }
        }
    }

    fn pair(&self, high: u64, low: u64) -> SourceId {
        SourceId(mix(mix(self.seed ^ high) ^ low))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_ipv6_host_is_its_network_unless_it_is_a_neighbour() {
        let sources = Sources::new(7);
        let id = |text: &str, on_link| sources.host(source(text), on_link);
        assert_eq!(id("[2001:db8::1]:1", false), id("[2001:db8::2:3]:4", false));
        assert_ne!(id("[2001:db8::1]:1", false), id("[2001:db8:0:1::1]:1", false));
        assert_ne!(id("[2001:db8::1]:1", true), id("[2001:db8::2]:1", true));
        assert_ne!(id("[fe80::1%2]:1", false), id("[fe80::2%2]:1", false));
        assert_ne!(id("[fe80::1%2]:1", false), id("[fe80::1%3]:1", false));
        assert_eq!(id("10.0.0.1:1", false), id("10.0.0.1:2", true));
        let probe = |text: &str| sources.probe(source(text));
        assert_ne!(probe("10.0.0.1:1"), probe("10.0.0.1:2"));
        assert_ne!(probe("[fe80::1%2]:1"), probe("[fe80::1%2]:2"));
        assert_eq!(probe("[fe80::1%2]:1"), probe("[fe80::1%3]:1"));
    }
}
