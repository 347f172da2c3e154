use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Instant;

use cooee_core::wire::classic::DEFAULT_PORT;
use cooee_core::{
    ConfigError, Datagram, NeighbourState, ResponderConfig, ResponderEngine, ResponderEvent,
    SocketId, Transmit,
};

use crate::sim::node::{Node, Setting};

/// A [`ResponderEngine`] on port [`DEFAULT_PORT`]. Every asker is routed to by the first interface.
#[derive(Debug)]
pub struct Server {
    responder: ResponderEngine,
    route: Option<IpAddr>,
    wanted: VecDeque<(IpAddr, u32)>,
}

impl Server {
    /// A responder for the interfaces of its host.
    ///
    /// # Errors
    /// What in `config` cannot work.
    pub fn new(config: ResponderConfig, host: Setting<'_>) -> Result<Self, ConfigError> {
        let responder = ResponderEngine::new(config, host.interfaces, host.seed, host.now)?;
        let route = host.interfaces.first().and_then(|i| i.ipv4().next()).map(|net| net.addr());
        Ok(Self { responder, route: route.map(IpAddr::V4), wanted: VecDeque::new() })
    }

    /// The state machine.
    pub fn responder(&self) -> &ResponderEngine {
        &self.responder
    }

    /// The state machine, to be used within [`Network::act`](crate::sim::Network::act).
    pub fn responder_mut(&mut self) -> &mut ResponderEngine {
        &mut self.responder
    }
}

impl Node for Server {
    fn port(&self) -> u16 {
        DEFAULT_PORT
    }

    fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        self.responder.handle_datagram(now, datagram);
    }

    fn wants_neighbour(&mut self, now: Instant) -> Option<(IpAddr, u32)> {
        while let Some(event) = self.responder.poll_event() {
            match event {
                ResponderEvent::RouteWanted { asker } => {
                    self.responder.handle_route(now, asker, self.route);
                }
                ResponderEvent::NeighbourWanted { asker, interface } => {
                    self.wanted.push_back((asker, interface));
                }
                _ => {}
            }
        }
        self.wanted.front().copied()
    }

    fn handle_neighbour(&mut self, now: Instant, address: IpAddr, resolved: bool) {
        let Some((asker, interface)) = self.wanted.pop_front() else { return };
        debug_assert_eq!(asker, address, "the one that was asked about");
        let state = if resolved { NeighbourState::Resolved } else { NeighbourState::Unresolved };
        self.responder.handle_neighbour(now, asker, interface, state);
    }

    fn handle_send_room(&mut self, used: u32, capacity: u32) {
        for socket in [SocketId::V4, SocketId::V6] {
            self.responder.handle_send_room(socket, used, capacity);
        }
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.responder.poll_transmit()
    }
}
