use std::net::SocketAddr;

/// A UDP socket of a host, bound to all of the host's addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Socket {
    port: u16,
    family: Family,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    V4,
    V6,
    Both,
}

impl Socket {
    /// A socket for IPv4 alone.
    pub fn v4(port: u16) -> Self {
        Self { port, family: Family::V4 }
    }

    /// A socket for IPv6 alone.
    pub fn v6(port: u16) -> Self {
        Self { port, family: Family::V6 }
    }

    /// A socket for both.
    pub fn dual(port: u16) -> Self {
        Self { port, family: Family::Both }
    }

    fn is_at(self, address: SocketAddr) -> bool {
        let is_of_family = match self.family {
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
            Family::Both => true,
        };
        address.port() == self.port && is_of_family
    }
}

/// The sockets of a host, and how many datagrams wait for link addresses in each one's send buffer.
#[derive(Debug)]
pub(super) struct Sockets {
    first: Open,
    more: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    socket: Socket,
    waiting: usize,
}

impl Sockets {
    pub(super) fn new(sockets: Vec<Socket>) -> Self {
        let mut open = sockets.into_iter().map(|socket| Open { socket, waiting: 0 });
        Self { first: open.next().expect("a node has a socket"), more: open.collect() }
    }

    /// The place of the socket with this address, which is one that a datagram was sent to, or one
    /// that it came from.
    pub(super) fn at(&self, address: SocketAddr) -> Option<usize> {
        if self.first.socket.is_at(address) {
            return Some(0);
        }
        self.more.iter().position(|open| open.socket.is_at(address)).map(|index| index + 1)
    }

    pub(super) fn port(&self, index: usize) -> u16 {
        self.open(index).socket.port
    }

    pub(super) fn waiting(&self, index: usize) -> usize {
        self.open(index).waiting
    }

    pub(super) fn waiting_in_all(&self) -> usize {
        self.first.waiting + self.more.iter().map(|open| open.waiting).sum::<usize>()
    }

    /// Notes that a datagram from this address waits.
    pub(super) fn hold(&mut self, source: SocketAddr) {
        if let Some(open) = self.open_at(source) {
            open.waiting += 1;
        }
    }

    /// Notes that a datagram from this address waits no longer.
    pub(super) fn release(&mut self, source: SocketAddr) {
        if let Some(open) = self.open_at(source) {
            open.waiting -= 1;
        }
    }

    fn open(&self, index: usize) -> &Open {
        let more = || self.more.get(index - 1).expect("a node sends by a socket that it has");
        if index == 0 { &self.first } else { more() }
    }

    fn open_at(&mut self, address: SocketAddr) -> Option<&mut Open> {
        match self.at(address)? {
            0 => Some(&mut self.first),
            index => self.more.get_mut(index - 1),
        }
    }
}
