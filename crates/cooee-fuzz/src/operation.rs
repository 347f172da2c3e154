//! What arrives at a state machine, as both are fuzzed with it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use arbitrary::Arbitrary;
use cooee_core::Datagram;

use crate::network::Address;

/// A datagram as an input describes it.
#[derive(Debug, Clone, Arbitrary)]
pub(crate) struct Arrival<'a> {
    source: Address,
    source_port: Port,
    family: Family,
    destination: Option<Address>,
    interface: Option<u8>,
    payload: Payload<'a>,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Port {
    Some,
    Zero,
    Any(u16),
}

/// Whether the addresses are handed over as IPv4 ones.
#[derive(Debug, Clone, Copy, Arbitrary)]
enum Family {
    V4,
    MostlyV4,
    StillV4,
    V6,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Payload<'a> {
    Probe,
    /// An answer that names this address, and perhaps a port.
    Answer(Address, Option<u16>),
    /// Anything behind the prefix.
    AfterPrefix(&'a [u8]),
    Bytes(&'a [u8]),
    /// The probe again and again, this many times.
    Long(u8),
}

/// The two texts of the protocol that the state machine was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts<'a> {
    pub(crate) message: &'a [u8],
    pub(crate) prefix: &'a [u8],
}

impl Arrival<'_> {
    /// Its payload.
    pub(crate) fn payload(&self, texts: Texts<'_>) -> Vec<u8> {
        let after_prefix = |bytes: &[u8]| [texts.prefix, bytes].concat();
        match self.payload {
            Payload::Probe => texts.message.to_vec(),
            Payload::Answer(Address(ip), None) => after_prefix(ip.to_string().as_bytes()),
            Payload::Answer(Address(ip), Some(port)) => {
                after_prefix(format!("{ip}:{port}").as_bytes())
            }
            Payload::AfterPrefix(bytes) => after_prefix(bytes),
            Payload::Bytes(bytes) => bytes.to_vec(),
            Payload::Long(times) => texts.message.repeat(times.into()),
        }
    }

    /// The datagram with this payload.
    pub(crate) fn datagram<'p>(&self, payload: &'p [u8]) -> Datagram<'p> {
        let port = match self.source_port {
            Port::Some => 40_000,
            Port::Zero => 0,
            Port::Any(port) => port,
        };
        Datagram {
            source: SocketAddr::new(self.ip(self.source), port),
            destination: self.destination.map(|address| self.ip(address)),
            interface: self.interface.map(|index| u32::from(index % 7)),
            payload,
        }
    }

    fn ip(&self, Address(ip): Address) -> IpAddr {
        match self.family {
            Family::V4 | Family::MostlyV4 | Family::StillV4 => ip.into(),
            Family::V6 => Ipv6Addr::from(u128::from(ip.to_bits()) | 0xfe80 << 112).into(),
        }
    }
}
