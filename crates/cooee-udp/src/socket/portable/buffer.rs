use std::io::{self, IoSliceMut};

use cooee_core::Datagram;
use quinn_udp::{BATCH_SIZE, RecvMeta};

/// Room for one batch of received datagrams; reuse it.
///
/// Takes 2 MiB of address space. The system gives memory to those pages only that datagrams touch.
#[derive(Debug)]
pub struct ReceiveBuffer {
    bytes: Vec<u8>,
    metas: [RecvMeta; Self::BATCH],
    filled: usize,
}

impl ReceiveBuffer {
    /// The most datagrams that are received at once, but for those that the system merges.
    pub const BATCH: usize = BATCH_SIZE;

    /// The largest UDP datagram, or run of datagrams that the system hands over as one.
    const SLOT: usize = 1 << 16;

    /// An empty buffer.
    pub fn new() -> Self {
        Self {
            bytes: vec![0; Self::SLOT * Self::BATCH],
            metas: [RecvMeta::default(); Self::BATCH],
            filled: 0,
        }
    }

    pub(super) fn fill(
        &mut self,
        receive: impl FnOnce(&mut [IoSliceMut<'_>], &mut [RecvMeta]) -> io::Result<usize>,
    ) -> io::Result<()> {
        self.filled = 0;
        let mut slots = self.bytes.chunks_exact_mut(Self::SLOT);
        let mut slices: [IoSliceMut<'_>; Self::BATCH] =
            std::array::from_fn(|_| IoSliceMut::new(slots.next().unwrap_or_default()));
        self.filled = receive(&mut slices, &mut self.metas)?;
        Ok(())
    }

    /// The datagrams of the last batch received.
    pub fn datagrams(&self) -> impl Iterator<Item = Datagram<'_>> {
        let slots = self.bytes.chunks_exact(Self::SLOT);
        slots.zip(&self.metas).take(self.filled).flat_map(|(slot, meta)| split(slot, meta))
    }
}

impl Default for ReceiveBuffer {
    fn default() -> Self {
        Self::new()
    }
}

/// The datagrams in one slot: usually one, more where the system merged those of one sender.
fn split<'b>(slot: &'b [u8], meta: &'b RecvMeta) -> impl Iterator<Item = Datagram<'b>> + use<'b> {
    let filled = slot.get(..meta.len).unwrap_or(slot);
    let stride = meta.stride.max(1);
    let count = filled.len().div_ceil(stride).max(1);
    (0..count).map(move |n| Datagram {
        destination: meta.dst_ip,
        interface: meta.interface_index,
        ..Datagram::new(meta.addr, &filled[n * stride..filled.len().min((n + 1) * stride)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payloads(slot: &[u8], len: usize, stride: usize) -> Vec<Vec<u8>> {
        let mut meta = RecvMeta::default();
        (meta.len, meta.stride) = (len, stride);
        split(slot, &meta).map(|datagram| datagram.payload.to_vec()).collect()
    }

    #[test]
    fn merged_datagrams_are_split_again() {
        assert_eq!(payloads(b"aabbc___", 5, 2), [b"aa".to_vec(), b"bb".to_vec(), b"c".to_vec()]);
        assert_eq!(payloads(b"aa______", 2, 2), [b"aa".to_vec()]);
    }

    #[test]
    fn an_empty_datagram_is_one_datagram() {
        assert_eq!(payloads(b"________", 0, 0), [Vec::<u8>::new()]);
    }
}
