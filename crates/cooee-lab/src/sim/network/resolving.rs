use std::net::IpAddr;
use std::rc::Rc;

use super::Network;
use crate::sim::arp::{Arp, Next, Question, Step, Unanswered};
use crate::sim::chance::happens;
use crate::sim::event::What;
use crate::sim::host::Handle;
use crate::sim::node::Node;
use crate::sim::packet::Packet;
use crate::sim::port::Port;

impl Network {
    /// Makes hosts resolve their neighbours' addresses before they send to them. Without it every
    /// host knows every neighbour.
    #[must_use]
    pub fn with_arp(mut self, arp: Arp) -> Self {
        self.arp = Some(arp);
        self
    }

    /// Bounds how many datagrams of each of a host's sockets wait for link addresses, in place of
    /// [`Arp::send_buffer`]. `None` is no bound.
    pub fn set_send_buffer<N: Node>(&mut self, handle: Handle<N>, datagrams: Option<usize>) {
        self.hosts[handle.host as usize].outgoing.bound = datagrams;
    }

    /// Loses the next requests of a host for link addresses, this many.
    pub fn lose_requests<N: Node>(&mut self, handle: Handle<N>, count: u32) {
        self.hosts[handle.host as usize].outgoing.requests_to_lose = count;
    }

    /// How many datagrams of a host wait for link addresses.
    pub fn waiting<N: Node>(&self, handle: Handle<N>) -> usize {
        self.hosts[handle.host as usize].sockets.waiting_in_all()
    }

    /// The neighbours whose link addresses a host knows, each with the index of the interface.
    pub fn neighbours<N: Node>(&self, handle: Handle<N>) -> impl Iterator<Item = (IpAddr, u32)> {
        let attachments = (1..).zip(&self.hosts[handle.host as usize].attachments);
        attachments.flat_map(|(index, a)| a.neighbours.resolved().map(move |ip| (ip, index)))
    }

    /// Whether a host can send to a neighbour without asking for its link address.
    pub(super) fn knows(&self, host: u32, address: IpAddr, interface: u32) -> bool {
        let attachments = &self.hosts[host as usize].attachments;
        let by = interface.checked_sub(1).and_then(|index| attachments.get(index as usize));
        self.arp.is_none() || by.is_some_and(|a| a.neighbours.is_resolved(address))
    }

    /// Sends to a neighbour, as soon as its link address is known.
    pub(super) fn send_resolved(&mut self, arp: Arp, by: Port, to: IpAddr, packet: &Rc<Packet>) {
        let host = &mut self.hosts[by.host as usize];
        let neighbours = &mut host.attachments[by.attachment as usize].neighbours;
        match neighbours.submit(to, packet, self.now + arp.retry) {
            Next::Send(port) => self.carry(port, packet),
            Next::Wait => host.sockets.hold(packet.source),
            Next::Ask => {
                host.sockets.hold(packet.source);
                self.ask(arp, by, to);
            }
        }
    }

    pub(super) fn resolve(&mut self, step: Step) {
        let Some(arp) = self.arp else { return };
        match step {
            Step::Request(question) => {
                if self.hosts[question.asked.host as usize].present {
                    self.learn(question.asked, question.asker_address, question.asker);
                    self.reply(arp, question);
                }
            }
            Step::Reply(question) => {
                self.learn(question.asker, question.asked_address, question.asked);
            }
            Step::Retry { asker, asked } => self.retry(arp, asker, asked),
        }
    }

    fn ask(&mut self, arp: Arp, asker: Port, asked: IpAddr) {
        let retry = What::Resolve(Box::new(Step::Retry { asker, asked }));
        self.queue.push(self.now + arp.retry, retry);

        let host = &mut self.hosts[asker.host as usize];
        let leaves = &host.attachments[asker.attachment as usize];
        let (wire, own) = (self.segments[leaves.segment].wire, leaves.source_for(asked));
        if let Some(left) = host.outgoing.requests_to_lose.checked_sub(1) {
            host.outgoing.requests_to_lose = left;
            return;
        }
        let owner = self.segments.iter().filter(|s| s.wire == wire).find_map(|s| s.owner(asked));
        let (Some(owner), Some(asker_address)) = (owner, own) else { return };
        if !happens(arp.request_loss, &mut self.rng) {
            let question = Question { asker, asker_address, asked: owner, asked_address: asked };
            self.carry_step(owner, Step::Request(question));
        }
    }

    fn reply(&mut self, arp: Arp, question: Question) {
        if !happens(arp.reply_loss, &mut self.rng) {
            self.carry_step(question.asker, Step::Reply(question));
        }
    }

    /// Puts a request or a reply on its way to a host. The second copy of one changes nothing.
    fn carry_step(&mut self, to: Port, step: Step) {
        let attachment = &mut self.hosts[to.host as usize].attachments[to.attachment as usize];
        if let Some(at) = attachment.carry(self.now, &mut self.rng).next() {
            self.queue.push(at, What::Resolve(Box::new(step)));
        }
    }

    /// Notes a neighbour's link address, and sends what waited for it.
    fn learn(&mut self, at: Port, address: IpAddr, port: Port) {
        let host = &mut self.hosts[at.host as usize];
        let neighbours = &mut host.attachments[at.attachment as usize].neighbours;
        let waited = neighbours.learn(address, port);
        for packet in &waited {
            let host = &mut self.hosts[at.host as usize];
            host.sockets.release(packet.source);
            if host.present {
                self.carry(port, packet);
            }
        }
    }

    fn retry(&mut self, arp: Arp, asker: Port, asked: IpAddr) {
        let host = &mut self.hosts[asker.host as usize];
        if !host.present {
            return;
        }
        let neighbours = &mut host.attachments[asker.attachment as usize].neighbours;
        match neighbours.unanswered(asked, self.now, self.now + arp.retry, arp.attempts) {
            Unanswered::Nothing => {}
            Unanswered::Ask => self.ask(arp, asker, asked),
            Unanswered::Drop(dropped) => {
                for packet in &dropped {
                    host.sockets.release(packet.source);
                }
                host.traffic.unresolved += dropped.len() as u64;
            }
        }
    }
}
