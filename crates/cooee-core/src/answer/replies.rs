//! The replies, encoded once and kept.

use std::net::IpAddr;

use bytes::Bytes;

use crate::wire::{Codec, Reply};

/// The reply of each protocol for each address that may be named.
#[derive(Debug)]
pub(super) struct Replies {
    port: Option<u16>,
    kept: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    codec: usize,
    named: IpAddr,
    payload: Bytes,
}

impl Replies {
    pub(super) fn new(
        codecs: &[Codec],
        port: Option<u16>,
        nameable: impl Iterator<Item = IpAddr>,
    ) -> Self {
        let mut kept = Vec::new();
        for named in nameable {
            for (codec, encoding) in codecs.iter().enumerate() {
                let payload = encoding.encode_reply(&Reply { address: named, port });
                kept.extend(payload.map(|payload| Kept { codec, named, payload }));
            }
        }
        Self { port, kept }
    }

    /// The reply that names `named`; `None` if the protocol cannot.
    pub(super) fn payload(&self, codecs: &[Codec], codec: usize, named: IpAddr) -> Option<Bytes> {
        let kept = self.kept.iter().find(|kept| kept.codec == codec && kept.named == named);
        kept.map(|kept| kept.payload.clone())
            .or_else(|| codecs.get(codec)?.encode_reply(&Reply { address: named, port: self.port }))
    }
}
