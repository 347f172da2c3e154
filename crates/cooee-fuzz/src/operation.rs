//! What arrives at a state machine, as both are fuzzed with it.

use std::net::SocketAddr;

use arbitrary::Arbitrary;
use cooee_core::wire::Codec;
use cooee_core::wire::classic::Classic;
use cooee_core::{Datagram, SocketId};

use crate::network::{Address, Family};

/// A datagram as an input describes it.
#[derive(Debug, Clone, Arbitrary)]
pub(crate) struct Arrival<'a> {
    source: Address,
    source_port: Port,
    family: Family,
    destination: Option<Address>,
    interface: Option<u8>,
    waited: bool,
    /// Which of the protocols that are spoken it is written in.
    protocol: u8,
    payload: Payload<'a>,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Port {
    Some,
    Zero,
    Any(u16),
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

/// The two texts of a protocol that the state machine was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts {
    pub(crate) message: &'static [u8],
    pub(crate) prefix: &'static [u8],
}

impl Texts {
    pub(crate) const STOCK: Self = Self { message: b"DISCOVER_SERVER", prefix: b"SERVER_IP:" };
    /// Another protocol, spoken beside.
    pub(crate) const BESIDE: Self = Self { message: b"WHO", prefix: b"HERE " };
    /// Every answer is almost a probe.
    pub(crate) const SHORT: Self = Self { message: b"1", prefix: b"" };

    pub(crate) fn codec(self) -> Codec {
        let classic = Classic::new(self.message, self.prefix);
        classic.expect("texts within their bounds").into()
    }
}

impl Arrival<'_> {
    /// Its payload, if these protocols are spoken.
    pub(crate) fn payload(&self, spoken: &[Texts]) -> Vec<u8> {
        let texts = spoken[usize::from(self.protocol) % spoken.len()];
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
        let source = SocketAddr::new(self.source.of(self.family), port);
        Datagram {
            socket: if source.is_ipv4() { SocketId::V4 } else { SocketId::V6 },
            source,
            destination: self.destination.map(|address| address.of(self.family)),
            interface: self.interface.map(|index| u32::from(index % 7)),
            waited: self.waited,
            payload,
        }
    }
}
