//! What a watch does besides sending and hearing.

use std::collections::BTreeMap;
use std::io;
use std::time::Instant;

use cooee_core::{PresenceEngine, PresenceEvent, ServerRecord, limits};
use cooee_udp::InterfaceWatch;

use super::calling::{Calling, Purpose, Received, named};
use super::sockets::Sockets;
use crate::settings::Discovery;
use crate::{DiscoverError, Presence, Server};

/// What the drivers of a live view turn.
pub(crate) struct Watching {
    calling: Calling<PresenceEngine>,
    /// The names of interfaces by index, those that are gone too: so are servers on their links.
    names: BTreeMap<u32, String>,
    has_told_truncated: bool,
}

impl Watching {
    /// Opens the sockets and sends the first round.
    pub(crate) fn begin(settings: Discovery) -> Result<Self, DiscoverError> {
        let calling = Calling::open(settings, Purpose::Watch, PresenceEngine::new)?;
        let mut watching = Self { calling, names: BTreeMap::new(), has_told_truncated: false };
        watching.note_names();
        Ok(watching)
    }

    pub(crate) fn sockets(&self) -> &Sockets {
        self.calling.sockets()
    }

    /// What tells of changes of interfaces.
    pub(crate) fn interface_watch(&self) -> Option<&InterfaceWatch> {
        self.calling.watch.as_ref()
    }

    /// From now on no end of browsing is waited for.
    #[cfg(feature = "tokio")]
    pub(crate) fn never_wait(&mut self) {
        self.calling.never_wait();
    }

    /// Has `wake` called, in another thread, when there is news that no socket tells of.
    pub(crate) fn wake_by(&mut self, wake: impl Fn() + Send + Sync + 'static) {
        self.calling.wake_by(wake);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.calling.poll_timeout()
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.calling.handle_timeout(now);
    }

    pub(crate) fn receive(&mut self, now: Instant) -> io::Result<Received> {
        self.calling.receive(now)
    }

    pub(crate) fn judge(&mut self, now: Instant, received: io::Result<Received>) -> Received {
        self.calling.judge(now, received)
    }

    /// Takes note that the driver waited until now, perhaps since interfaces have changed.
    pub(crate) fn woke(&mut self, now: Instant) {
        self.calling.woke(now);
        self.calling.look_at_interfaces(now);
    }

    pub(crate) fn stop(&mut self) {
        self.calling.browsing.end();
        self.calling.engine.stop();
    }

    pub(crate) fn next_event(&mut self) -> Option<Presence> {
        let event = self.calling.engine.poll_event()?;
        self.note_names();
        self.warn_if_truncated();
        Some(match event {
            PresenceEvent::Found { id, server } => {
                Presence::Found { id, server: self.named(server) }
            }
            PresenceEvent::Changed { id, server } => {
                Presence::Changed { id, server: self.named(server) }
            }
            PresenceEvent::Gone { id, server, why } => {
                Presence::Gone { id, server: self.named(server), why }
            }
            _ => return None,
        })
    }

    /// The servers that are there.
    pub(crate) fn servers(&mut self) -> Vec<Server> {
        let servers: Vec<_> = self.calling.engine.servers().cloned().collect();
        servers.into_iter().map(|server| self.named(server)).collect()
    }

    fn named(&mut self, server: ServerRecord) -> Server {
        let gone = server.interface.and_then(|index| self.names.get(&index)).cloned();
        let mut server = named(server, &self.calling.interfaces, &mut self.calling.routes);
        server.interface = server.interface.or(gone);
        server
    }

    fn note_names(&mut self) {
        for interface in &self.calling.interfaces {
            if self.names.len() >= limits::TARGETS_MAX {
                self.names.clear();
            }
            if self.names.get(&interface.index) != Some(&interface.name) {
                self.names.insert(interface.index, interface.name.clone());
            }
        }
    }

    fn warn_if_truncated(&mut self) {
        let is_truncated = self.calling.engine.is_truncated();
        if is_truncated && !std::mem::replace(&mut self.has_told_truncated, true) {
            tracing::warn!(
                "more than {} servers answer, and those that came later are left out; name the \
                 interfaces to watch",
                limits::WATCHED_MAX
            );
        }
    }
}
