use std::ops::Range;
use std::time::Duration;

use super::Network;
use crate::sim::driver::Waking;
use crate::sim::event::What;
use crate::sim::host::Handle;
use crate::sim::node::Node;

impl Network {
    /// Keeps the driver of a host busy for a span of time, counted from now: meanwhile its node
    /// gets no datagrams, which wait in the receive buffer, and its timer does not fire.
    pub fn keep_busy<N: Node>(&mut self, handle: Handle<N>, span: Range<Duration>) {
        let span = self.now + span.start..self.now + span.end;
        self.queue.push(span.start, What::Busy { host: handle.host });
        self.hosts[handle.host as usize].driver_mut().plan(span);
    }

    /// Says what the driver of a host sees to first that has been busy.
    pub fn set_waking<N: Node>(&mut self, handle: Handle<N>, waking: Waking) {
        self.hosts[handle.host as usize].driver_mut().waking = waking;
    }

    pub(super) fn begin_busy(&mut self, index: u32) {
        if let Some(until) = self.hosts[index as usize].driver_mut().begin(self.now) {
            self.queue.push(until, What::Resume { host: index });
        }
    }

    /// Goes on after a busy time. A driver takes whatever waits before its node's next work begins.
    pub(super) fn resume(&mut self, index: u32) {
        let driver = self.hosts[index as usize].driver_mut();
        if !driver.finish(self.now) {
            return;
        }
        match driver.waking {
            Waking::DatagramsFirst => {
                self.take_held(index);
                let host = &mut self.hosts[index as usize];
                let buffered = host.attachments.iter().map(|a| a.inbox.len()).sum();
                host.driver_mut().set_backlog(buffered);
                if buffered == 0 {
                    self.fire(index);
                }
            }
            Waking::TimerFirst => {
                self.fire(index);
                self.take_held(index);
            }
        }
        self.drain(index);
    }

    fn take_held(&mut self, index: u32) {
        while let Some(held) = self.hosts[index as usize].driver_mut().next_held() {
            if self.hosts[index as usize].present {
                self.deliver(held.to, &held.packet, held.arrived);
            }
        }
    }

    pub(super) fn wake(&mut self, index: u32) {
        let host = &mut self.hosts[index as usize];
        host.timer.queued = None;
        if host.is_kept_from_timer() {
            return;
        }
        self.fire(index);
        self.drain(index);
    }

    /// Fires a host's timer if it is due.
    fn fire(&mut self, index: u32) {
        let host = &mut self.hosts[index as usize];
        if host.present && host.node.poll_timeout().is_some_and(|at| at <= self.now) {
            assert!(host.timer.fired(self.now), "host {index} wakes for ever at one instant");
            if let Some(wanted) = host.node.wants_resolved(self.now) {
                let wanted = (1..).zip(&host.attachments).filter(|(by, _)| wanted.contains(by));
                let each =
                    wanted.flat_map(|(by, a)| a.neighbours.resolved().map(move |ip| (ip, by)));
                host.node.handle_resolved(&each.collect::<Vec<_>>());
            }
            host.node.handle_timeout(self.now);
        }
    }

    pub(super) fn drain(&mut self, index: u32) {
        loop {
            self.tell_neighbours(index);
            let Some(transmit) = self.hosts[index as usize].node.poll_transmit() else { break };
            self.send_or_delay(index, transmit);
        }
        let host = &mut self.hosts[index as usize];
        if let Some(time) = host.node.poll_work() {
            let until = host.driver_mut().work(self.now, time);
            self.queue.push(until, What::Resume { host: index });
        }
        let Some(at) = host.node.poll_timeout().filter(|_| host.present) else { return };
        let at = at.max(self.now);
        if host.timer.queued.is_none_or(|queued| at < queued) && !host.is_kept_from_timer() {
            host.timer.queued = Some(at);
            self.queue.push(at, What::Wake { host: index });
        }
    }

    fn tell_neighbours(&mut self, index: u32) {
        let now = self.now;
        let host = &mut self.hosts[index as usize];
        if let Some(bound) = host.outgoing.bound {
            host.node.handle_send_room(host.sockets.waiting_in_all() as u32, bound as u32);
        }
        while let Some((address, by)) = self.hosts[index as usize].node.wants_neighbour(now) {
            let resolved = self.knows(index, address, by);
            self.hosts[index as usize].node.handle_neighbour(self.now, address, resolved);
        }
    }
}
