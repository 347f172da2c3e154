//! A socket and the engine of one discovery, turned one step at a time.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Instant;

use cooee_core::interface::Interface;
use cooee_core::{Discovery, DiscoveryConfig, DiscoveryEvent, Outcome, Transmit};
use cooee_udp::{InterfaceWatch, ReceiveBuffer, UdpSocket, interfaces};

use crate::log_limit::LogLimit;
use crate::responder::random_seed;
use crate::{DiscoverError, Found, Server};

pub(crate) struct Call {
    socket: UdpSocket,
    engine: Discovery,
    buffer: ReceiveBuffer,
    batch: Vec<Transmit>,
    names: Vec<(u32, String)>,
    log: Logs,
    settings: super::Discovery,
    watch: Option<InterfaceWatch>,
    interfaces_stale: bool,
}

#[derive(Default)]
struct Logs {
    send: LogLimit,
    receive: LogLimit,
    interfaces: LogLimit,
}

/// What one attempt to receive brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    Some,
    Nothing,
    /// Receiving failed, and may fail again at once: pause before the next attempt.
    Trouble,
}

impl Call {
    /// Opens the socket and sends the first round.
    pub(super) fn begin(
        config: DiscoveryConfig,
        settings: super::Discovery,
    ) -> Result<Self, DiscoverError> {
        // Watched first, listed then: a change in between is seen twice rather than never.
        let watch = InterfaceWatch::new()
            .inspect_err(|error| tracing::debug!(%error, "changes of interfaces go unnoticed"))
            .ok();
        let interfaces = interfaces().map_err(DiscoverError::system("listing the interfaces"))?;
        let targets = settings.targets(&interfaces)?;
        let any = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
        let now = Instant::now();
        let engine = Discovery::new(config, targets, &interfaces, random_seed(), now)?;
        let socket = UdpSocket::bind(any).map_err(DiscoverError::system("opening a socket"))?;
        let mut call = Self {
            socket,
            engine,
            buffer: ReceiveBuffer::new(),
            batch: Vec::new(),
            names: names(&interfaces),
            log: Logs::default(),
            settings,
            watch,
            interfaces_stale: false,
        };
        call.engine.handle_timeout(now);
        let sent = call.send(now);
        match sent.refused {
            Some(error) if sent.count == 0 => Err(DiscoverError::Unsent { error }),
            _ => Ok(call),
        }
    }

    pub(crate) fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.engine.poll_timeout()
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.engine.outcome()
    }

    pub(crate) fn stop(&mut self, now: Instant) -> Outcome {
        self.note_drops();
        self.engine.stop(now);
        self.engine.outcome().expect("stopped just now, if not before")
    }

    pub(crate) fn next_server(&mut self) -> Option<Server> {
        let DiscoveryEvent::Found(server) = self.engine.poll_event()? else { return None };
        Some(self.named(&server))
    }

    /// The servers as they are known now: what a server said of itself later replaces what another
    /// said of it first.
    pub(crate) fn servers(&self) -> Vec<Server> {
        self.engine.servers().iter().map(|server| self.named(server)).collect()
    }

    fn named(&self, server: &cooee_core::Server) -> Server {
        let name = self.names.iter().find(|(index, _)| Some(*index) == server.interface);
        Server::new(server.clone(), name.map(|(_, name)| name.clone()))
    }

    /// Ends it, with all that was found.
    pub(crate) fn finish(mut self, now: Instant) -> Found {
        let outcome = self.stop(now);
        Found { servers: self.servers(), outcome }
    }

    /// Does what is due: sends the next probes, or ends.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.engine.poll_timeout().is_some_and(|due| due <= now) {
            self.note_drops();
            self.look_at_interfaces(now);
            self.engine.handle_timeout(now);
            self.send(now);
        }
    }

    /// Calls on the interfaces that there are now, if they have changed.
    fn look_at_interfaces(&mut self, now: Instant) {
        let changed = self.watch.as_mut().is_some_and(InterfaceWatch::changed);
        if !changed && !self.interfaces_stale {
            return;
        }
        let listed = interfaces();
        self.interfaces_stale = listed.is_err();
        match listed {
            Ok(interfaces) => {
                // Without any, there is nobody to call until one comes back.
                let targets = self.settings.targets(&interfaces).unwrap_or_default();
                self.names = names(&interfaces);
                self.engine.handle_interfaces(&interfaces, targets);
            }
            Err(error) => {
                if let Some(held_back) = self.log.interfaces.admit(now) {
                    tracing::warn!(%error, held_back, "the interfaces cannot be listed");
                }
            }
        }
    }

    /// Takes what has arrived, up to one batch.
    pub(crate) fn receive(&mut self, now: Instant) -> io::Result<Received> {
        self.socket.receive(&mut self.buffer)?;
        for datagram in self.buffer.datagrams() {
            self.engine.handle_datagram(now, &datagram);
        }
        Ok(Received::Some)
    }

    /// What to make of an attempt to receive. Errors of the socket are logged and are no reason to
    /// give up: other interfaces may still bring answers.
    pub(crate) fn judge(&mut self, now: Instant, received: io::Result<Received>) -> Received {
        match received {
            Ok(received) => received,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Received::Nothing,
            Err(error) => {
                if let Some(held_back) = self.log.receive.admit(now) {
                    tracing::warn!(%error, held_back, "receiving failed");
                }
                Received::Trouble
            }
        }
    }

    fn note_drops(&mut self) {
        if let Some(total) = self.socket.drops() {
            self.engine.handle_drops(total);
        }
    }

    fn send(&mut self, now: Instant) -> Sent {
        self.batch.clear();
        self.batch.extend(std::iter::from_fn(|| self.engine.poll_transmit()));
        let mut sent = Sent { count: self.batch.len(), refused: None };
        let log = &mut self.log.send;
        self.socket.send(&self.batch, |failure| {
            sent.count -= 1;
            if let Some(held_back) = log.admit(now) {
                let to = failure.transmit.destination;
                tracing::warn!(%to, error = %failure.error, held_back, "a probe was not sent");
            }
            sent.refused.get_or_insert(failure.error);
        });
        sent
    }
}

fn names(interfaces: &[Interface]) -> Vec<(u32, String)> {
    interfaces.iter().map(|i| (i.index, i.name.clone())).collect()
}

struct Sent {
    count: usize,
    refused: Option<io::Error>,
}
