//! How hosts learn their neighbours' link addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::packet::Packet;
use super::port::Port;

/// How hosts find the link address of a neighbour that they send to: by ARP, or by neighbour
/// discovery in IPv6, which works alike. The defaults are those of Linux.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arp {
    /// The part of the requests that get lost, besides what the links lose, from 0 to 1.
    pub request_loss: f64,
    /// The part of the replies that get lost, besides what the links lose, from 0 to 1.
    pub reply_loss: f64,
    /// How long a host waits for a reply.
    pub retry: Duration,
    /// How often a host asks. When none of it is answered, what waits is dropped, and the next
    /// datagram begins anew.
    pub attempts: u32,
    /// How many datagrams wait for link addresses in a socket's send buffer, all neighbours
    /// together. While they are that many, the socket sends nothing at all. `None` is no bound.
    pub send_buffer: Option<usize>,
}

impl Arp {
    /// How many small datagrams the default send buffer of a socket holds on Linux.
    pub const LINUX_SEND_BUFFER: usize = 277;
}

impl Default for Arp {
    /// Nothing is lost but what the links lose; three requests, a second apart; no bound.
    fn default() -> Self {
        Self {
            request_loss: 0.0,
            reply_loss: 0.0,
            retry: Duration::from_secs(1),
            attempts: 3,
            send_buffer: None,
        }
    }
}

/// Something that happens while an address is resolved.
#[derive(Debug)]
pub(super) enum Step {
    /// A request reaches who has the address.
    Request(Question),
    /// The reply reaches who asked.
    Reply(Question),
    /// Who asked has waited long enough.
    Retry { asker: Port, asked: IpAddr },
}

/// Who wants to know whose link address.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    pub(super) asker: Port,
    pub(super) asker_address: IpAddr,
    pub(super) asked: Port,
    pub(super) asked_address: IpAddr,
}

/// What a host knows of the link addresses on one of its interfaces. A port stands for its link
/// address.
#[derive(Debug, Default)]
pub(super) struct Neighbours(BTreeMap<IpAddr, Neighbour>);

#[derive(Debug)]
enum Neighbour {
    Resolved(Port),
    Asked { times: u32, retry_at: Instant, waiting: Vec<Rc<Packet>> },
}

/// What to do with a datagram for a neighbour.
pub(super) enum Next {
    /// Send it there.
    Send(Port),
    /// Let it wait: somebody asks already.
    Wait,
    /// Let it wait, and ask.
    Ask,
}

/// What to do when nobody has replied.
pub(super) enum Unanswered {
    /// Nothing: somebody has.
    Nothing,
    /// Ask again.
    Ask,
    /// Drop these datagrams.
    Drop(Vec<Rc<Packet>>),
}

impl Neighbours {
    /// Takes a datagram for `to`. What does not go at once waits here.
    pub(super) fn submit(&mut self, to: IpAddr, packet: &Rc<Packet>, retry_at: Instant) -> Next {
        match self.0.get_mut(&to) {
            Some(Neighbour::Resolved(port)) => Next::Send(*port),
            Some(Neighbour::Asked { waiting, .. }) => {
                waiting.push(Rc::clone(packet));
                Next::Wait
            }
            None => {
                let waiting = vec![Rc::clone(packet)];
                self.0.insert(to, Neighbour::Asked { times: 1, retry_at, waiting });
                Next::Ask
            }
        }
    }

    /// Notes whose address it is. What waited for it, in order.
    pub(super) fn learn(&mut self, address: IpAddr, port: Port) -> Vec<Rc<Packet>> {
        match self.0.insert(address, Neighbour::Resolved(port)) {
            Some(Neighbour::Asked { waiting, .. }) => waiting,
            _ => Vec::new(),
        }
    }

    /// Notes that nobody has replied by `now`; if it is to be asked again, until `retry_at`.
    pub(super) fn unanswered(
        &mut self,
        address: IpAddr,
        now: Instant,
        retry_at: Instant,
        attempts: u32,
    ) -> Unanswered {
        match self.0.get_mut(&address) {
            Some(Neighbour::Asked { times, retry_at: due, waiting }) if *due == now => {
                if *times < attempts {
                    *times += 1;
                    *due = retry_at;
                    return Unanswered::Ask;
                }
                let dropped = std::mem::take(waiting);
                self.0.remove(&address);
                Unanswered::Drop(dropped)
            }
            _ => Unanswered::Nothing,
        }
    }

    pub(super) fn is_resolved(&self, address: IpAddr) -> bool {
        matches!(self.0.get(&address), Some(Neighbour::Resolved(_)))
    }

    /// The resolved ones, in the order of their addresses.
    pub(super) fn resolved(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.0.keys().copied().filter(|&address| self.is_resolved(address))
    }
}
