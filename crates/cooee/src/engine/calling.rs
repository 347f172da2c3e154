//! The sockets and the engine of one discovery.

use std::io;
use std::time::{Duration, Instant};

use cooee_core::interface::Interface;
use cooee_core::wire::{Families, Family};
use cooee_core::{
    Datagram, DiscoveryEngine, DiscoveryEvent, Outcome, ServerRecord, Swept, Transmit,
};
use cooee_udp::{InterfaceWatch, ReceiveBuffer, interfaces};

use super::late;
use super::log_limit::LogLimit;
use super::names::Names;
use super::neighbourhood::Neighbourhood;
use super::random_seed;
use super::resets::Resets;
use super::routes::Routes;
use super::sockets::Sockets;
use super::unsent::{hint, why_unsent};
use super::witness::Witness;
use crate::settings::Discovery;
use crate::{DiscoverError, Found, Server};

pub(crate) struct Calling {
    sockets: Sockets,
    engine: DiscoveryEngine,
    buffer: ReceiveBuffer,
    batch: Vec<Transmit>,
    interfaces: Vec<Interface>,
    interfaces_stale: bool,
    routes: Routes,
    neighbourhood: Neighbourhood,
    watch: Option<InterfaceWatch>,
    witness: Witness,
    settings: Discovery,
    room_for_targets: usize,
    names: Names,
    /// When the sockets were last known to be empty, or waited for.
    attentive_at: Instant,
    resets: Resets,
    log: Logs,
}

#[derive(Default)]
struct Logs {
    send: LogLimit,
    receive: LogLimit,
    interfaces: LogLimit,
    missing: Vec<String>,
    left_out: bool,
}

impl Logs {
    /// Warns once that some broadcast addresses are left out.
    fn tell_left_out(&mut self, targets: usize, room: usize) {
        let left_out = targets.saturating_sub(room);
        if left_out > 0 && !self.left_out {
            self.left_out = true;
            tracing::warn!(
                "{left_out} of {targets} broadcast addresses are not probed, since one discovery probes {room}; name \
                 the interfaces to use"
            );
        }
    }
}

/// What one attempt to receive brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    Some,
    Nothing,
    /// Receiving failed, and may fail again at once: pause before the next attempt.
    Trouble,
}

impl Calling {
    /// Batches that are taken before a timer that is due is acted on: more than a receive buffer
    /// holds, and not for ever.
    const BATCHES_BEFORE_TIMER: usize = 512;
    /// A datagram that is read so long after the socket was empty may have waited.
    const PROMPT: Duration = Duration::from_millis(5);

    /// Opens the sockets and sends the first round.
    pub(crate) fn begin(mut settings: Discovery) -> Result<Self, DiscoverError> {
        // Watched first, listed then: a change in between is seen twice rather than never.
        let watch = InterfaceWatch::new()
            .inspect_err(|error| tracing::debug!(%error, "changes of interfaces go unnoticed"))
            .ok();
        let interfaces = interfaces().map_err(DiscoverError::system("listing the interfaces"))?;
        let mut config = settings.config(&interfaces)?;
        settings.check_interfaces(&interfaces)?;
        let sockets = Sockets::open(&config).map_err(DiscoverError::system("opening a socket"))?;
        if config.speaks(Family::V6) && !sockets.has_v6() {
            settings = settings.families(Families::V4);
            config = settings.config(&interfaces)?;
        }
        let targets = settings.targets(&interfaces);
        let neighbourhood = Neighbourhood::begin(&interfaces);
        let room_for_targets = config.room_for_targets();
        let now = Instant::now();
        let names = Names::look_up(settings.hosts(), settings.udp_port(), now);
        let mut log = Logs::default();
        log.tell_left_out(targets.len(), room_for_targets);
        let engine = DiscoveryEngine::new(config, targets, &interfaces, random_seed(), now)?;
        let mut calling = Self {
            sockets,
            engine,
            buffer: ReceiveBuffer::new(),
            batch: Vec::new(),
            interfaces,
            interfaces_stale: false,
            routes: Routes::default(),
            witness: Witness::begin(neighbourhood.before()),
            neighbourhood,
            watch,
            settings,
            room_for_targets,
            names,
            attentive_at: now,
            resets: Resets::default(),
            log,
        };
        calling.neighbourhood.tell(&mut calling.engine, now);
        calling.engine.handle_timeout(now);
        let sent = calling.send(now);
        match sent.refused {
            Some(error) if sent.count == 0 => Err(DiscoverError::Unsent { source: error }),
            _ => Ok(calling),
        }
    }

    pub(crate) fn sockets(&self) -> &Sockets {
        &self.sockets
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let due = self.engine.poll_timeout()?;
        Some(self.names.look_at().map_or(due, |at| at.min(due)))
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.engine.deadline()
    }

    pub(crate) fn swept(&self) -> Option<Swept> {
        self.engine.swept()
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.engine.outcome()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.engine.poll_timeout().is_none()
    }

    pub(crate) fn stop(&mut self, now: Instant) {
        self.note_drops();
        self.engine.stop(now);
    }

    pub(crate) fn next_server(&mut self) -> Option<Server> {
        loop {
            match self.engine.poll_event()? {
                DiscoveryEvent::Found(server) => {
                    return Some(named(server, &self.interfaces, &mut self.routes));
                }
                DiscoveryEvent::Rejected(rejected) => {
                    let (source, why, excerpt) = (rejected.source, rejected.why, &rejected.excerpt);
                    tracing::warn!("{source} answered \"{excerpt}\", which cannot be read: {why}");
                }
                DiscoveryEvent::SweepWanted => {
                    let now = Instant::now();
                    let networks = late::networks(&self.settings, &self.interfaces, now);
                    self.engine.handle_sweep(now, &networks);
                }
                _ => {}
            }
        }
    }

    /// The servers as they are known now: what a server said of itself later replaces what another
    /// said of it first.
    pub(crate) fn servers(&mut self) -> Vec<Server> {
        let servers = self.engine.servers().iter().cloned();
        servers.map(|server| named(server, &self.interfaces, &mut self.routes)).collect()
    }

    /// Ends it, with all that was found.
    pub(crate) fn finish(mut self, now: Instant) -> Found {
        self.stop(now);
        let outcome = self.engine.outcome().expect("stopped just now, if not before");
        // Answers that cannot be read are told of as servers are handed out.
        while self.next_server().is_some() {}
        let servers = self.engine.into_servers().into_iter();
        let servers: Vec<_> =
            servers.map(|server| named(server, &self.interfaces, &mut self.routes)).collect();
        let (about, interfaces) = (&mut self.neighbourhood, &self.interfaces);
        let evidence = self.witness.testify(about, &self.settings, interfaces, &outcome, &servers);
        Found { servers, outcome, evidence }
    }

    /// Does what is due: takes what has arrived until now, sends the next probes, or ends.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.names.tell(now, &mut self.engine);
        if self.engine.poll_timeout().is_some_and(|due| due <= now) {
            // Whoever acts on a timer before it looks takes what has arrived for missing.
            for _ in 0..Self::BATCHES_BEFORE_TIMER {
                let received = self.receive(now);
                if self.judge(now, received) != Received::Some {
                    break;
                }
            }
            self.note_drops();
            self.look_at_interfaces(now);
            self.neighbourhood.tell(&mut self.engine, now);
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
                self.tell_missing(&interfaces);
                let targets = self.settings.targets(&interfaces);
                self.log.tell_left_out(targets.len(), self.room_for_targets);
                self.engine.handle_interfaces(&interfaces, targets);
                self.interfaces = interfaces;
            }
            Err(error) => {
                if let Some(held_back) = self.log.interfaces.admit(now) {
                    tracing::warn!(%error, held_back, "the interfaces cannot be listed");
                }
            }
        }
    }

    /// Warns once about each named interface that cannot be used any more.
    fn tell_missing(&mut self, interfaces: &[Interface]) {
        for (name, why) in self.settings.missing(interfaces) {
            if !self.log.missing.contains(&name) {
                tracing::warn!("no more probes from {name}: {why}");
                self.log.missing.push(name);
            }
        }
    }

    /// Takes note that the driver waited until now: what arrives from now on has not waited. Where
    /// it wakes long after the timer was due, its thread was busy with something else, and what it
    /// finds may have waited.
    pub(crate) fn woke(&mut self, now: Instant) {
        let due = self.engine.poll_timeout();
        if due.is_none_or(|due| now.saturating_duration_since(due) <= Self::PROMPT) {
            self.attentive_at = now;
        }
    }

    /// Takes what has arrived, up to one batch for each socket.
    pub(crate) fn receive(&mut self, now: Instant) -> io::Result<Received> {
        let waited = now.saturating_duration_since(self.attentive_at) > Self::PROMPT;
        let engine = &mut self.engine;
        let (mut empty, mut trouble) = (true, None);
        for (socket, io) in self.sockets.iter() {
            match io.receive(&mut self.buffer) {
                Ok(()) => {
                    empty = false;
                    for datagram in self.buffer.datagrams() {
                        engine.handle_datagram(now, &Datagram { socket, waited, ..datagram });
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => trouble = trouble.or(Some(error)),
            }
        }
        // In trouble too: what is not read keeps the sockets ready.
        let witness = &mut self.witness;
        self.sockets.receive_refusals(|refusal| {
            witness.note(&refusal);
            if refusal.error.kind() == io::ErrorKind::ConnectionRefused {
                engine.handle_refusal(now, refusal.destination);
            }
        });
        if empty {
            self.attentive_at = now;
            trouble.map_or(Ok(()), Err)?;
        }
        Ok(if empty { Received::Nothing } else { Received::Some })
    }

    /// What to make of an attempt to receive. Errors of the socket are logged and are no reason to
    /// give up: other interfaces may still bring answers.
    pub(crate) fn judge(&mut self, now: Instant, received: io::Result<Received>) -> Received {
        match received {
            Ok(received) => {
                self.resets.reset();
                received
            }
            Err(error) if self.resets.pass_over(&error) => Received::Some,
            Err(error) => {
                if let Some(held_back) = self.log.receive.admit(now) {
                    tracing::warn!(%error, held_back, "receiving failed");
                }
                Received::Trouble
            }
        }
    }

    fn note_drops(&mut self) {
        self.engine.handle_drops(self.sockets.drops());
    }

    fn send(&mut self, now: Instant) -> Sent {
        self.batch.clear();
        self.batch.extend(std::iter::from_fn(|| self.engine.poll_transmit()));
        let mut sent = Sent { count: self.batch.len(), refused: None };
        let (log, engine, witness) = (&mut self.log.send, &mut self.engine, &mut self.witness);
        let remembered = self.settings.remembered_addresses();
        self.sockets.send(&self.batch, |failure| {
            sent.count -= 1;
            witness.note_unsent(&failure);
            let again = engine.handle_unsent(now, failure.transmit, why_unsent(&failure.error));
            let to = failure.transmit.destination;
            if remembered.contains(&to) {
                tracing::debug!(%to, error = %failure.error, "a remembered server is out of reach");
            } else if !again && let Some(held_back) = log.admit(now) {
                let (error, hint) = (&failure.error, hint(&failure.error));
                tracing::warn!(%to, %error, held_back, "a probe was not sent{hint}");
            }
            sent.refused.get_or_insert(failure.error);
        });
        sent
    }
}

/// The server with what this host knows of its interface and of the way to it.
fn named(server: ServerRecord, interfaces: &[Interface], routes: &mut Routes) -> Server {
    let interface = interfaces.iter().find(|i| Some(i.index) == server.interface);
    let name = interface.map(|interface| interface.name.clone());
    let reach = routes.reach(server.ip, server.interface, interfaces);
    Server::new(server, name, reach)
}

struct Sent {
    count: usize,
    refused: Option<io::Error>,
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs::File;
    use std::net::{SocketAddr, UdpSocket};
    use std::os::fd::AsRawFd;

    use cooee_core::SocketId;

    use super::*;

    #[test]
    fn trouble_with_one_socket_does_not_keep_another_from_being_read() {
        let server = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let address = server.local_addr().expect("bound");
        let all = interfaces().expect("the system lists interfaces");
        let nowhere = all.iter().fold(Discovery::new(), |d, i| d.exclude_interface(&i.name));
        let swept: ipnet::Ipv4Net = "127.0.0.1/32".parse().expect("a network");
        let discovery = nowhere.host(address).port(address.port()).subnet(swept);
        let mut calling = Calling::begin(discovery).expect("it can be called");
        let socket = |id| calling.sockets.iter().find(|(of, _)| *of == id).expect("it is open").1;
        let file = File::open("/dev/null").expect("a file");
        // SAFETY: both are open, and whoever owns the number owns the file by it now.
        unsafe { libc::dup2(file.as_raw_fd(), socket(SocketId::V4).as_std().as_raw_fd()) };
        let port = socket(SocketId::Sweep).local_addr().expect("bound").port();
        let client = SocketAddr::from(([127, 0, 0, 1], port));
        server.send_to(b"SERVER_IP:127.0.0.1", client).expect("loopback takes it");
        let now = Instant::now();
        let attempt = calling.receive(now);
        assert_eq!(calling.judge(now, attempt), Received::Some);
        assert!(calling.next_server().is_some());
        let attempt = calling.receive(now);
        assert_eq!(calling.judge(now, attempt), Received::Trouble);
    }
}
