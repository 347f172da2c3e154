use std::any::Any;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use cooee_core::interface::Interface;
use cooee_core::{Datagram, Transmit};

use super::socket::Socket;

/// A state machine behind UDP sockets, driven as the contract of [`cooee_core`] says: the network
/// drains `poll_transmit` after every call, then waits for `poll_timeout` or a datagram.
pub trait Node: Any {
    /// The UDP port of its first socket. Asked once, when it is attached.
    fn port(&self) -> u16;

    /// Its sockets. Asked once, when it is attached. One for both families, if it does not say.
    fn sockets(&self) -> Vec<Socket> {
        vec![Socket::dual(self.port())]
    }

    /// The socket that a datagram leaves by, as its place among `sockets`.
    fn socket_for(&self, _transmit: &Transmit) -> usize {
        0
    }

    /// Takes a datagram that arrived.
    fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>);

    /// Does what is due at `now`.
    fn handle_timeout(&mut self, _now: Instant) {}

    /// Takes the count of datagrams that its sockets dropped since they were opened. Called before the
    /// first datagram that was buffered after the drop, as Linux reports it.
    fn handle_drops(&mut self, _total: u64) {}

    /// A neighbour, with the index of an interface, of which it wants to know whether the host can
    /// send to it at once. Asked before the datagrams to send.
    fn wants_neighbour(&mut self, _now: Instant) -> Option<(IpAddr, u32)> {
        None
    }

    /// Takes the reply to `wants_neighbour`: whether the neighbour's link address is known.
    fn handle_neighbour(&mut self, _now: Instant, _address: IpAddr, _resolved: bool) {}

    /// The interfaces whose resolved neighbours it wants to know before its timer fires.
    fn wants_resolved(&self, _now: Instant) -> Option<Vec<u32>> {
        None
    }

    /// Takes the reply to `wants_resolved`: each neighbour with the index of its interface.
    fn handle_resolved(&mut self, _resolved: &[(IpAddr, u32)]) {}

    /// Takes how many datagrams wait for link addresses, and how many may. Called before it is
    /// asked about neighbours, where there is a bound.
    fn handle_send_room(&mut self, _used: u32, _capacity: u32) {}

    /// Takes back a datagram for which its socket's send buffer has no room. To send it again at once
    /// is of no use.
    fn handle_unsent(&mut self, _now: Instant, _transmit: Transmit) {}

    /// The next datagram to send. A `source` that is none of the host's own is sent as it is:
    /// forged.
    fn poll_transmit(&mut self) -> Option<Transmit>;

    /// For how long its driver is busy now with what the last call brought, such as a caller who works
    /// on a find: until then datagrams and the timer wait. Asked after the datagrams to send.
    fn poll_work(&mut self) -> Option<Duration> {
        None
    }

    /// When to call `handle_timeout` next.
    fn poll_timeout(&self) -> Option<Instant> {
        None
    }
}

/// What a node learns of the host it is to run on.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The interfaces of the host, one for each segment that it is attached to.
    pub interfaces: &'a [Interface],
    /// Randomness of its own, from the seed of the network.
    pub seed: u64,
    /// The time at which it starts.
    pub now: Instant,
}
