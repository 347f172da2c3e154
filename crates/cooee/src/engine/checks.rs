//! Which servers accept connections.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, TcpStream};
use std::time::Instant;

use cooee_core::{AttemptId, CheckEngine, CheckId, CheckState, checks_end};
use cooee_udp::connect;

use crate::Server;

/// What makes two mentions of a server those of one: any of its addresses. Which of them is its
/// `ip` may change when it answers by the other family too.
type Key = (IpAddr, u16, Option<String>);

fn keys(server: &Server) -> impl Iterator<Item = Key> + '_ {
    server.addresses().map(|ip| (ip, server.port, server.interface.clone()))
}

/// The checks of one discovery's servers.
pub(super) struct Checks {
    engine: CheckEngine,
    ids: BTreeMap<Key, CheckId>,
    /// The servers that were not handed out yet.
    waiting: BTreeMap<CheckId, Server>,
}

impl Checks {
    pub(super) fn new(deadline: Instant) -> Self {
        let engine = CheckEngine::new(checks_end(deadline));
        Self { engine, ids: BTreeMap::new(), waiting: BTreeMap::new() }
    }

    /// Begins to check a server, which is handed out when more is known of it.
    pub(super) fn begin(&mut self, now: Instant, server: Server) {
        let id = self.engine.begin(now, server.candidates());
        self.engine.claim(id, server.claims());
        for (n, key) in keys(&server).enumerate() {
            // What one server claims may be what another is.
            let known = self.ids.entry(key).or_insert(id);
            *known = if n == 0 { id } else { *known };
        }
        self.waiting.insert(id, server);
    }

    /// Has the addresses checked too that became known since.
    pub(super) fn add(&mut self, now: Instant, servers: &[Server]) {
        for server in servers {
            if let Some(id) = self.id_of(server) {
                self.engine.claim(id, server.claims());
                self.engine.add(now, id, server.candidates());
            }
        }
    }

    fn id_of(&self, server: &Server) -> Option<CheckId> {
        keys(server).find_map(|key| self.ids.get(&key).copied())
    }

    /// The next server of which it is known whether it accepts connections.
    pub(super) fn next_decided(&mut self) -> Option<Server> {
        loop {
            let id = self.engine.poll_decided()?;
            if let Some(mut server) = self.waiting.remove(&id) {
                server.checked = self.engine.results(id);
                return Some(server);
            }
        }
    }

    /// Notes what is known of each server.
    pub(super) fn note(&self, servers: &mut [Server]) {
        for server in servers {
            if let Some(id) = self.id_of(server) {
                server.checked = self.engine.results(id);
            }
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.engine.poll_timeout()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if self.engine.poll_timeout().is_some_and(|due| due <= now) {
            self.engine.handle_timeout(now);
        }
    }

    pub(super) fn stop(&mut self) {
        self.engine.stop();
    }
}

/// Connections that are being opened, each as a driver waits for it.
pub(crate) struct Connections<C>(Vec<(AttemptId, C)>);

impl<C> Default for Connections<C> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<C> Connections<C> {
    /// Takes note of those that were opened or refused, and begins those that are due.
    ///
    /// `watch` has the driver wait until a stream is writable, `look` says what came of it. Returns
    /// whether there was anything.
    pub(super) fn turn(
        &mut self,
        checks: &mut Checks,
        now: Instant,
        mut watch: impl FnMut(TcpStream) -> io::Result<C>,
        mut look: impl FnMut(&mut C) -> Option<io::Result<()>>,
    ) -> bool {
        let mut any = false;
        self.0.retain_mut(|(attempt, connection)| {
            if let Some(result) = look(connection) {
                any = true;
                checks.engine.handle_result(now, *attempt, state(result));
            }
            checks.engine.is_running(*attempt)
        });
        while let Some((attempt, to)) = checks.engine.poll_attempt() {
            any = true;
            match connect(to).and_then(&mut watch) {
                Ok(connection) => self.0.push((attempt, connection)),
                Err(error) => checks.engine.handle_result(now, attempt, state(Err(error))),
            }
        }
        any
    }
}

/// What the end of an attempt means.
fn state(result: io::Result<()>) -> CheckState {
    /// `EMFILE` and `ENFILE`, and `WSAEMFILE`.
    const NO_DESCRIPTORS: [i32; 3] = [24, 23, 10_024];
    let Err(error) = result else { return CheckState::Open };
    match error.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => CheckState::Refused,
        io::ErrorKind::TimedOut => CheckState::Timeout,
        io::ErrorKind::OutOfMemory => CheckState::Unknown,
        _ if error.raw_os_error().is_some_and(|n| NO_DESCRIPTORS.contains(&n)) => {
            CheckState::Unknown
        }
        _ => CheckState::Unreachable,
    }
}
