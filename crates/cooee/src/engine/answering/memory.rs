//! What the kernel has dropped, and how full the send buffers are.

use std::time::Instant;

use cooee_core::SocketId;
use cooee_udp::UdpSocket;

use super::Answering;

impl Answering {
    /// Looks at both sockets.
    pub(super) fn look_at_memory(&mut self, now: Instant) {
        self.sent_since_look = 0;
        let v4 = self.port.socket.memory();
        let v6 = self.socket_v6().and_then(UdpSocket::memory);
        for (socket, memory) in [(SocketId::V4, v4), (SocketId::V6, v6)] {
            let Some(memory) = memory else { continue };
            self.engine.handle_send_room(socket, memory.send_used, memory.send_capacity);
            self.drops.note(socket, memory.drops);
        }
        self.tell_drops(now);
    }

    fn tell_drops(&mut self, now: Instant) {
        let drops = self.drops.total;
        if drops > self.stats.kernel_drops {
            self.stats.kernel_drops = drops;
            if let Some(held_back) = self.log.drops.admit(now) {
                tracing::warn!(drops, held_back, "the kernel dropped datagrams, too many at once");
            }
        }
    }
}

/// Datagrams that the kernel has dropped at all sockets that there have been.
#[derive(Debug, Default)]
pub(super) struct KernelDrops {
    total: u64,
    /// What the sockets that there are now had dropped when they were last looked at.
    v4: u64,
    v6: u64,
}

impl KernelDrops {
    fn note(&mut self, socket: SocketId, drops: u64) {
        let last = self.last(socket);
        let new = drops.saturating_sub(*last);
        *last = drops;
        self.total += new;
    }

    /// The next socket begins at none.
    pub(super) fn forget(&mut self, socket: SocketId) {
        *self.last(socket) = 0;
    }

    fn last(&mut self, socket: SocketId) -> &mut u64 {
        if socket == SocketId::V6 { &mut self.v6 } else { &mut self.v4 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_socket_dropped_that_is_closed_still_counts() {
        let mut drops = KernelDrops::default();
        drops.note(SocketId::V4, 3);
        drops.note(SocketId::V6, 40);
        drops.forget(SocketId::V6);
        drops.note(SocketId::V4, 3);
        drops.note(SocketId::V6, 2);
        assert_eq!(drops.total, 45);
        drops.note(SocketId::V6, 2);
        assert_eq!(drops.total, 45);
    }
}
