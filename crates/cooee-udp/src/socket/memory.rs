//! What the system keeps for a socket.

use super::UdpSocket;
use super::counters::RawMemory;

/// What the system counts and keeps for a socket, read at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketMemory {
    /// How many datagrams the kernel has dropped since the socket was opened or given, because its
    /// receive buffer was full.
    pub drops: u64,
    /// Bytes of the send buffer in use, as the system accounts them: datagrams that have not left
    /// yet, most of which wait for a neighbour to be resolved.
    pub send_used: u32,
    /// Bytes of the send buffer. When it is full, sending fails with
    /// [`WouldBlock`](std::io::ErrorKind::WouldBlock), whomever the datagram is for.
    pub send_capacity: u32,
}

/// How full the send buffer is, in bytes as the system accounts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendRoom {
    /// In use.
    pub used: u32,
    /// In all.
    pub capacity: u32,
}

impl UdpSocket {
    /// What the system keeps for the socket; `None` where it does not tell. One system call.
    pub fn memory(&self) -> Option<SocketMemory> {
        let RawMemory { drops, send_used, send_capacity } = self.io.memory()?;
        Some(SocketMemory { drops: self.drops.total(drops), send_used, send_capacity })
    }

    /// How many datagrams the kernel has dropped, as in [`SocketMemory`]; `None` where the system
    /// does not tell.
    pub fn drops(&self) -> Option<u64> {
        self.memory().map(|memory| memory.drops)
    }

    /// How full the send buffer is, as in [`SocketMemory`]; `None` where the system does not tell.
    pub fn send_room(&self) -> Option<SendRoom> {
        let SocketMemory { send_used: used, send_capacity: capacity, .. } = self.memory()?;
        Some(SendRoom { used, capacity })
    }
}
