//! What a discovery and a watch have in common for the code that couples them with sockets.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use cooee_core::announced::Announcement;
use cooee_core::interface::Interface;
use cooee_core::{
    Datagram, DiscoveryEngine, NeighbourRoom, PresenceEngine, Target, Transmit, Unsent,
};

/// A state machine that sends probes and takes answers.
pub(crate) trait Machine {
    fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>);
    fn handle_timeout(&mut self, now: Instant);
    fn handle_interfaces(&mut self, now: Instant, all: &[Interface], targets: Vec<Target>);
    fn handle_refusal(&mut self, now: Instant, destination: SocketAddr);
    fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: Unsent) -> bool;
    fn handle_drops(&mut self, total: u64);
    fn handle_resolved(&mut self, now: Instant, name: &str, to: Result<Vec<SocketAddr>, String>);
    fn wants_neighbours(&self, now: Instant) -> bool;
    fn handle_neighbours(&mut self, now: Instant, room: NeighbourRoom);
    fn wants_resolved_neighbours(&self, now: Instant) -> Option<Vec<u32>>;
    fn handle_resolved_neighbours(&mut self, resolved: &[(IpAddr, u32)]);
    /// Takes what a browser of DNS-SD heard.
    #[cfg_attr(not(feature = "mdns"), expect(dead_code, reason = "nothing browses"))]
    fn handle_announcement(&mut self, now: Instant, news: &Announcement);
    /// Takes note that such a browser begins, to tell of all that is announced.
    #[cfg_attr(not(feature = "mdns"), expect(dead_code, reason = "nothing browses"))]
    fn handle_browsing_begun(&mut self, now: Instant);
    /// Takes note that it hears nothing any more.
    #[cfg_attr(not(feature = "mdns"), expect(dead_code, reason = "nothing browses"))]
    fn handle_browsing_ended(&mut self);
    fn poll_transmit(&mut self) -> Option<Transmit>;
    fn poll_timeout(&self) -> Option<Instant>;
    /// Whether it is no news that nothing can be sent to this address.
    fn may_be_out_of_reach(&self, to: SocketAddr) -> bool;
}

/// Hands everything that both do alike to the state machine's own method of that name.
macro_rules! machine {
    ($engine:ty { $($own:tt)* }) => {
        impl Machine for $engine {
            fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
                <$engine>::handle_datagram(self, now, datagram);
            }
            fn handle_timeout(&mut self, now: Instant) {
                <$engine>::handle_timeout(self, now);
            }
            fn handle_refusal(&mut self, now: Instant, destination: SocketAddr) {
                <$engine>::handle_refusal(self, now, destination);
            }
            fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: Unsent) -> bool {
                <$engine>::handle_unsent(self, now, transmit, why)
            }
            fn handle_drops(&mut self, total: u64) {
                <$engine>::handle_drops(self, total);
            }
            fn handle_resolved(
                &mut self,
                now: Instant,
                name: &str,
                to: Result<Vec<SocketAddr>, String>,
            ) {
                <$engine>::handle_resolved(self, now, name, to);
            }
            fn wants_neighbours(&self, now: Instant) -> bool {
                <$engine>::wants_neighbours(self, now)
            }
            fn handle_neighbours(&mut self, now: Instant, room: NeighbourRoom) {
                <$engine>::handle_neighbours(self, now, room);
            }
            fn wants_resolved_neighbours(&self, now: Instant) -> Option<Vec<u32>> {
                <$engine>::wants_resolved_neighbours(self, now)
            }
            fn handle_resolved_neighbours(&mut self, resolved: &[(IpAddr, u32)]) {
                <$engine>::handle_resolved_neighbours(self, resolved);
            }
            fn poll_transmit(&mut self) -> Option<Transmit> {
                <$engine>::poll_transmit(self)
            }
            fn poll_timeout(&self) -> Option<Instant> {
                <$engine>::poll_timeout(self)
            }
            $($own)*
        }
    };
}

machine! { DiscoveryEngine {
    fn handle_interfaces(&mut self, _: Instant, all: &[Interface], targets: Vec<Target>) {
        DiscoveryEngine::handle_interfaces(self, all, targets);
    }
    fn handle_announcement(&mut self, now: Instant, news: &Announcement) {
        DiscoveryEngine::handle_announcement(self, now, news);
    }
    // It is over before anything that is announced could go.
    fn handle_browsing_begun(&mut self, _: Instant) {}
    fn handle_browsing_ended(&mut self) {}
    fn may_be_out_of_reach(&self, _: SocketAddr) -> bool {
        false
    }
} }

machine! { PresenceEngine {
    fn handle_interfaces(&mut self, now: Instant, all: &[Interface], targets: Vec<Target>) {
        PresenceEngine::handle_interfaces(self, now, all, targets);
    }
    fn handle_announcement(&mut self, now: Instant, news: &Announcement) {
        PresenceEngine::handle_announcement(self, now, news);
    }
    fn handle_browsing_begun(&mut self, now: Instant) {
        PresenceEngine::handle_browsing_begun(self, now);
    }
    fn handle_browsing_ended(&mut self) {
        PresenceEngine::handle_browsing_ended(self);
    }
    fn may_be_out_of_reach(&self, to: SocketAddr) -> bool {
        self.servers().any(|server| server.source == to)
    }
} }
