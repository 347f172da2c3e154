//! The probes that are sent, and the queue of what is to be sent.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::wire::{Codec, Families, Family, Query};
use crate::{SocketId, Target, Transmit};

/// The probe of each protocol, and over which families they are sent.
#[derive(Debug)]
pub(crate) struct Probes(Vec<(Codec, Bytes)>, Families);

impl Probes {
    pub(crate) fn new(codecs: &[Codec], families: Families) -> Self {
        let probe = |codec: &Codec| (codec.clone(), codec.encode_query(Query::Discover));
        Self(codecs.iter().map(probe).collect(), families)
    }

    pub(super) fn codecs(&self) -> impl Iterator<Item = &Codec> {
        self.0.iter().map(|(codec, _)| codec)
    }
}

/// What is to be sent.
#[derive(Debug)]
pub(crate) struct Outbox<'a> {
    pub(crate) probes: &'a Probes,
    pub(crate) transmits: &'a mut VecDeque<Transmit>,
}

impl Outbox<'_> {
    /// Sends a probe of each protocol to `target`.
    pub(super) fn call(&mut self, target: &Target) {
        self.call_by(target, SocketId::from(Family::from(target.destination())));
    }

    /// As [`call`](Self::call), over IPv4 by the socket of sweeps: what waits for the link address of a
    /// host that is gone takes no room from broadcasts.
    pub(crate) fn call_apart(&mut self, target: &Target) {
        let socket = match Family::from(target.destination()) {
            Family::V4 => SocketId::Sweep,
            Family::V6 => SocketId::V6,
        };
        self.call_by(target, socket);
    }

    /// As [`call`](Self::call), by this socket.
    pub(super) fn call_by(&mut self, target: &Target, socket: SocketId) {
        if !self.probes.1.has(Family::from(target.destination())) {
            return;
        }
        let probes = self.probes.0.iter().map(|(_, probe)| target.transmit(socket, probe.clone()));
        self.transmits.extend(probes);
    }
}
