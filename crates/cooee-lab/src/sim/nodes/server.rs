use std::net::Ipv4Addr;
use std::time::Instant;

use cooee_core::wire::classic::DEFAULT_PORT;
use cooee_core::{ConfigError, Datagram, Responder, ResponderConfig, ResponderEvent, Transmit};

use crate::sim::node::{Node, Setting};

/// A [`Responder`] on port [`DEFAULT_PORT`]. Every asker is routed to by the first interface.
#[derive(Debug)]
pub struct Server {
    responder: Responder,
    route: Option<Ipv4Addr>,
}

impl Server {
    /// A responder for the interfaces of its host.
    ///
    /// # Errors
    /// What in `config` cannot work.
    pub fn new(config: ResponderConfig, host: Setting<'_>) -> Result<Self, ConfigError> {
        let responder = Responder::new(config, host.interfaces, host.seed, host.now)?;
        let route = host.interfaces.first().and_then(|i| i.ipv4().next()).map(|net| net.addr());
        Ok(Self { responder, route })
    }

    /// The state machine.
    pub fn responder(&self) -> &Responder {
        &self.responder
    }

    /// The state machine, to be used within [`Network::act`](crate::sim::Network::act).
    pub fn responder_mut(&mut self) -> &mut Responder {
        &mut self.responder
    }
}

impl Node for Server {
    fn port(&self) -> u16 {
        DEFAULT_PORT
    }

    fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        self.responder.handle_datagram(now, datagram);
        while let Some(event) = self.responder.poll_event() {
            if let ResponderEvent::RouteWanted { asker } = event {
                self.responder.handle_route(asker, self.route);
            }
        }
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.responder.poll_transmit()
    }
}
