//! What a discovery does besides sending and hearing.

use std::time::Instant;

use cooee_core::{DiscoveryEngine, DiscoveryEvent, Outcome, Swept};

use super::calling::{Calling, Purpose, named};
use super::late;
use crate::settings::Discovery;
use crate::{DiscoverError, Found, Server};

impl Calling {
    /// Opens the sockets and sends the first round.
    pub(crate) fn begin(settings: Discovery) -> Result<Self, DiscoverError> {
        Self::open(settings, Purpose::Discovery, DiscoveryEngine::new)
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
        self.browsing.end();
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
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs::File;
    use std::net::{SocketAddr, UdpSocket};
    use std::os::fd::AsRawFd;
    #[cfg(feature = "mdns")]
    use std::time::Duration;

    use cooee_core::SocketId;
    use cooee_udp::interfaces;

    use crate::engine::Received;

    use super::*;

    /// A discovery of this server alone, on no interface.
    fn discovery(server: SocketAddr) -> Discovery {
        let all = interfaces().expect("the system lists interfaces");
        let nowhere = all.iter().fold(Discovery::new(), |d, i| d.exclude_interface(&i.name));
        nowhere.host(server).port(server.port())
    }

    #[cfg(feature = "mdns")]
    #[test]
    fn browsing_ends_with_a_discovery_that_ends_by_itself() {
        let server = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let discovery = discovery(server.local_addr().expect("bound"));
        let mut calling = Calling::begin(discovery).expect("it can be called");
        let began = Instant::now();
        calling.handle_timeout(began + Duration::from_millis(50));
        assert!(calling.browsing.is_on());
        calling.handle_timeout(calling.deadline());
        assert!(calling.is_over());
        assert!(!calling.browsing.is_on());
    }

    #[test]
    fn trouble_with_one_socket_does_not_keep_another_from_being_read() {
        let server = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let address = server.local_addr().expect("bound");
        let swept: ipnet::Ipv4Net = "127.0.0.1/32".parse().expect("a network");
        let discovery = discovery(address).subnet(swept);
        let mut calling = Calling::begin(discovery).expect("it can be called");
        let socket = |id| calling.sockets.iter().find(|(of, _)| *of == id).expect("it is open").1;
        let file = File::open("/dev/null").expect("a file");
        // SAFETY: both are open, and the owner of the number owns its file from now on.
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
