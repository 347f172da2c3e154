//! What the kernel has dropped.

use cooee_core::SocketId;

/// Datagrams that the kernel has dropped at all sockets that there have been.
#[derive(Debug, Default)]
pub(super) struct KernelDrops {
    pub(super) total: u64,
    /// What the sockets that there are now had dropped when they were last looked at.
    v4: u64,
    v6: u64,
}

impl KernelDrops {
    pub(super) fn note(&mut self, socket: SocketId, drops: u64) {
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
